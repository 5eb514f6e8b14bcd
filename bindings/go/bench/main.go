// What crossing from Go costs: the same payments in C and in Go, turn about in one run, each in a database of its own.
//
//	go run -tags qenex_flags ./bench [-path FOLDER] [-rounds N]
//
// In memory, unless a folder is given: there the work of the disk hides what crossing costs. Medians of the rounds; the
// figures mean something on a quiet machine alone.
package main

// #include <stdlib.h>
// #include "loop.h"
import "C"

import (
	"context"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"time"
	"unsafe"

	qenex "github.com/qenex/libqenex/bindings/go"
)

func main() {
	folder := flag.String("path", "", "an empty folder for the databases; none: in memory")
	rounds := flag.Int("rounds", 9, "how often each case is measured")
	flag.Parse()
	if err := run(*folder, *rounds); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// workload is a case that is measured in both languages.
type workload struct {
	name  string
	count int // items of a round
	batch int // items of a call
	ask   bool
}

var workloads = []workload{
	{"balance, one call", 2000, 1, true},
	{"transfer, one call", 1000, 1, false},
	{"batch of 8,190 transfers", 8190 * 3, 8190, false},
}

func run(folder string, rounds int) error {
	if rounds < 1 {
		return errors.New("-rounds is at least 1")
	}
	inC, err := openC(folder)
	if err != nil {
		return err
	}
	defer inC.close()
	inGo, err := openGo(folder)
	if err != nil {
		return err
	}
	defer inGo.close()
	fmt.Printf("%-26s %12s %12s %12s %9s\n", "a call, medians", "C", "Go", "lost", "")
	next := uint64(1)
	for _, work := range workloads {
		var c, g []time.Duration
		for round := -1; round < rounds; round++ { // the first one warms up
			takes := [2]time.Duration{}
			for turn := 0; turn < 2; turn++ {
				which := (turn + round + 1) % 2 // who comes first changes
				measure := inC.measure
				if which == 1 {
					measure = inGo.measure
				}
				taken, err := measure(work, next)
				if err != nil {
					return err
				}
				takes[which] = taken
			}
			next += uint64(work.count)
			if round >= 0 {
				c, g = append(c, takes[0]), append(g, takes[1])
			}
		}
		calls := time.Duration(work.count / work.batch)
		median := func(all []time.Duration) time.Duration {
			sort.Slice(all, func(a, b int) bool { return all[a] < all[b] })
			return all[len(all)/2] / calls
		}
		one, other := median(c), median(g)
		fmt.Printf("%-26s %12v %12v %12v %8.1f%%\n", work.name, one, other, other-one, 100*float64(other-one)/float64(one))
	}
	return nil
}

type benchC struct {
	engine  *C.qenex_engine
	session *C.qenex_session
}

func openC(folder string) (*benchC, error) {
	path := C.CString(fileIn(folder, "c.db"))
	defer C.free(unsafe.Pointer(path))
	var bench benchC
	bench.session = C.loop_open(path, C.size_t(len(fileIn(folder, "c.db"))), &bench.engine)
	if bench.session == nil {
		return nil, errors.New("the C program could not open its database")
	}
	return &bench, nil
}

func (b *benchC) close() { C.loop_close(b.engine, b.session) }

func (b *benchC) measure(work workload, first uint64) (time.Duration, error) {
	var elapsed C.int64_t
	if work.ask {
		elapsed = C.loop_ask(b.session, C.size_t(work.count))
	} else {
		elapsed = C.loop_pay(b.session, C.uint64_t(first), C.size_t(work.count), C.size_t(work.batch))
	}
	if elapsed < 0 {
		return 0, errors.New("a call in C failed")
	}
	return time.Duration(elapsed), nil
}

type benchGo struct {
	engine  *qenex.Engine
	session *qenex.Session
}

func openGo(folder string) (*benchGo, error) {
	options := qenex.Options{Path: fileIn(folder, "go.db")}
	if folder == "" {
		options.Flags = qenex.OpenMemory
	}
	engine, err := qenex.Open(options)
	if err != nil {
		return nil, err
	}
	session, err := engine.Session("bench")
	if err != nil {
		return nil, err
	}
	for _, number := range []string{"A", "B"} {
		if _, err := session.OpenAccount(context.Background(), number, "USD", "1000000000.00"); err != nil {
			return nil, err
		}
	}
	return &benchGo{engine, session}, nil
}

func (b *benchGo) close() {
	_ = b.session.Close()
	_ = b.engine.Close()
}

func (b *benchGo) measure(work workload, first uint64) (time.Duration, error) {
	ctx := context.Background()
	keys := []qenex.AccountKey{{Number: "A", Asset: 840}}
	transfers := make([]qenex.Transfer, work.batch)
	start := time.Now()
	for at := 0; at < work.count; at += work.batch {
		if work.ask {
			if _, err := b.session.Balances(ctx, keys, nil); err != nil {
				return 0, err
			}
			continue
		}
		for item := range transfers {
			transfers[item] = qenex.Transfer{DebitNumber: "A", CreditNumber: "B", Asset: 840, Amount: qenex.Units(1)}
			binary.LittleEndian.PutUint64(transfers[item].ID[:], first+uint64(at+item))
		}
		results, err := b.session.CreateTransfers(ctx, transfers, nil)
		if err == nil {
			err = results.Err()
		}
		if err != nil {
			return 0, err
		}
	}
	return time.Since(start), nil
}

func fileIn(folder, name string) string {
	if folder == "" {
		return ""
	}
	return filepath.Join(folder, name)
}
