package qenex

// Batches: slices of any length become arrays that the library takes, cut where no linked chain is broken.

// #include <qenex.h>
import "C"

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"unsafe"
)

// Command is a value that changes something: Transfer, Hold, Account and the others, each with its idempotency key. The
// types are those of this package.
type Command interface {
	// command gives the kind and the flags.
	command() (CommandKind, uint32)
	// appendTo appends the record in C's layout, and its texts to the arena.
	appendTo(records []byte, texts *arena) []byte
}

// Results are what became of commands, one result for each, in the same order.
type Results []Result

// Err gives nil when every command was done, otherwise the first refusal as an *Error with the command's index.
func (r Results) Err() error {
	for index := range r {
		if err := refusal(r[index].Status, index); err != nil {
			return err
		}
	}
	return nil
}

// batch is what one call passes. Its memory is Go's, holds no pointers, and is the library's only until the call ends.
type batch struct {
	records  unsafe.Pointer
	count    C.size_t
	size     C.size_t
	arena    *C.uint8_t
	arenaLen C.size_t
	options  *C.qenex_execute_options
	results  *C.qenex_result
	failed   *C.qenex_error
}

// encode makes one batch of as many items as fit, and says how many. A chain of linked items stays together: one that
// is too long is passed on, and the library refuses it.
func encode[T Command](items []T, options *ExecuteOptions) (*batch, int) {
	var texts arena
	var records, scratch []byte
	_, mixed := any(items).([]Command)
	cut, cutRecords, cutTexts := 0, 0, 0
	count, linked := 0, false
	for count < len(items) {
		if !linked {
			cut, cutRecords, cutTexts = count, len(records), len(texts.bytes)
		}
		if count >= BatchMax && cut > 0 {
			break
		}
		item := items[count]
		kind, flags := item.command()
		if mixed {
			scratch = item.appendTo(scratch[:0], &texts)
			raw := rawCommand{Kind: uint32(kind), Offset: uint32(len(texts.bytes)), Size: uint32(len(scratch))}
			texts.bytes = append(texts.bytes, scratch...)
			records = append(records, (*[unsafe.Sizeof(raw)]byte)(unsafe.Pointer(&raw))[:]...)
		} else {
			records = item.appendTo(records, &texts)
		}
		if count == 0 {
			records = slices.Grow(records, len(records)*(min(len(items), BatchMax)-1))
		}
		count++
		linked = flags&Linked != 0
		if len(texts.bytes) > ArenaMax && cut > 0 {
			break
		}
	}
	if cut > 0 && (len(texts.bytes) > ArenaMax || count < len(items)) {
		count, records, texts.bytes = cut, records[:cutRecords], texts.bytes[:cutTexts]
	}
	made := &batch{count: C.size_t(count)}
	switch {
	case count > 0:
		made.size = C.size_t(len(records) / count)
	case mixed:
		made.size = C.sizeof_qenex_command
	default: // an empty batch is the library's to refuse
		var none T
		made.size = C.size_t(len(none.appendTo(nil, &texts)))
	}
	records = slices.Grow(records, int(made.size)) // never a nil pointer
	made.records = unsafe.Pointer(unsafe.SliceData(records))
	made.arena, made.arenaLen = texts.c()
	if options != nil {
		raw := options.encode(nil)
		made.options = (*C.qenex_execute_options)(unsafe.Pointer(&raw))
	}
	return made, count
}

// execute runs the items batch by batch. What was done before an error stays done: its results come with the error,
// whose item counts from the start of the slice.
func execute[T Command](ctx context.Context, s *Session, items []T, options *ExecuteOptions, call func(*batch) C.qenex_status) (Results, error) {
	results := make(Results, 0, len(items))
	for {
		if err := ctx.Err(); err != nil {
			return results, fmt.Errorf("qenex: stopped before item %d of %d: %w", len(results), len(items), err)
		}
		made, count := encode(items[len(results):], options)
		answers := make([]rawResult, max(count, 1))
		made.results = answers[0].c()
		status := call(made)
		runtime.KeepAlive(s)
		if err := errorOf(status, made.failed); err != nil {
			if failure, ok := err.(*Error); ok && failure.Item >= 0 {
				failure.Item += len(results)
			}
			return results, err
		}
		for index := range answers[:count] {
			results = append(results, answers[index].decode(nil))
		}
		if len(results) == len(items) {
			return results, nil
		}
	}
}
