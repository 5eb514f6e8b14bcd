package qenex_test

// What is Go's own: errors, values, contexts, futures, closing at any time, and the garbage collector.

import (
	"context"
	"errors"
	"math/big"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	qenex "github.com/qenex/libqenex/bindings/go"
)

func openBank(t *testing.T, options qenex.Options) (*qenex.Engine, *qenex.Session) {
	t.Helper()
	if options.Path == "" {
		options.Flags |= qenex.OpenMemory
	}
	engine, err := qenex.Open(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = engine.Close() })
	session, err := engine.Session("teller")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = session.Close() })
	for _, number := range []string{"A", "B"} {
		if _, err := session.OpenAccount(background, number, "USD", "1000000.00"); err != nil {
			t.Fatal(err)
		}
	}
	return engine, session
}

func newID(t *testing.T) qenex.ID {
	t.Helper()
	id, err := qenex.NewID()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func payments(t *testing.T, count int) []qenex.Transfer {
	t.Helper()
	transfers := make([]qenex.Transfer, count)
	for index := range transfers {
		transfers[index] = qenex.Transfer{ID: newID(t), DebitNumber: "A", CreditNumber: "B", Asset: 840,
			Amount: qenex.Units(1), Narrative: "a narrative"}
	}
	return transfers
}

func TestErrorsUnwrapToTheirStatus(t *testing.T) {
	_, session := openBank(t, qenex.Options{})
	_, err := session.Transfer(background, "A", "B", "9999999.00", "USD")
	var failed *qenex.Error
	if !errors.Is(err, qenex.StatusInsufficientFunds) || !errors.As(err, &failed) {
		t.Fatal(err)
	}
	if failed.Item != 0 || !failed.Status.Refusal() || !strings.Contains(err.Error(), "QENEX_INSUFFICIENT_FUNDS") {
		t.Fatal(err)
	}
	if _, err := session.Transfer(background, "A", "B", "1.005", "USD"); !errors.Is(err, qenex.StatusInvalidAmountText) {
		t.Fatal(err)
	}
	transfers := payments(t, 3)
	transfers[1].Narrative = "\xff\xfe"
	if _, err := session.CreateTransfers(background, transfers, nil); !errors.Is(err, qenex.StatusInvalidUTF8) || !errors.As(err, &failed) || failed.Item != 1 {
		t.Fatal(err)
	}
	transfers[1].Narrative, transfers[2].CreditNumber = "NUL \x00 inside", "nobody"
	results, err := session.CreateTransfers(background, transfers, nil)
	if err != nil || len(results) != 3 {
		t.Fatal(results, err)
	}
	if !errors.As(results.Err(), &failed) || failed.Item < 1 {
		t.Fatal(results.Err())
	}
}

func TestALibraryOfAnotherInterfaceIsNamed(t *testing.T) {
	if err := qenex.Compatible(); err != nil {
		t.Fatal(err)
	}
	err := qenex.CompatibilityOf(999, "9.9.9")
	if !errors.Is(err, qenex.StatusUnsupported) || !strings.Contains(err.Error(), "9.9.9") ||
		!strings.Contains(err.Error(), "999") {
		t.Fatal(err)
	}
}

func TestAmounts(t *testing.T) {
	for _, text := range []string{"0", "1", "-1", "18446744073709551616", "-18446744073709551617",
		"170141183460469231731687303715884105727", "-170141183460469231731687303715884105728"} {
		number, _ := new(big.Int).SetString(text, 10)
		amount, err := qenex.AmountFromBig(number)
		if err != nil || amount.String() != text || amount.Big().Cmp(number) != 0 || amount.Sign() != number.Sign() {
			t.Fatal(text, amount, err)
		}
		if parsed, err := qenex.ParseAmount(text, 0); err != nil || parsed != amount {
			t.Fatal(text, parsed, err)
		}
		if small, fits := amount.Int64(); fits != number.IsInt64() || fits && small != number.Int64() {
			t.Fatal(text, small, fits)
		}
	}
	for _, text := range []string{"170141183460469231731687303715884105728", "-170141183460469231731687303715884105729"} {
		number, _ := new(big.Int).SetString(text, 10)
		if _, err := qenex.AmountFromBig(number); !errors.Is(err, qenex.StatusOverflow) {
			t.Fatal(text, err)
		}
	}
	if _, err := qenex.AmountFromBig(nil); !errors.Is(err, qenex.StatusNullPointer) {
		t.Fatal(err)
	}
	if qenex.Units(-5).Big().Int64() != -5 {
		t.Fatal(qenex.Units(-5))
	}
}

func TestDatesAndTimesOutsideTheCalendarAreRefused(t *testing.T) {
	_, session := openBank(t, qenex.Options{})
	transfers := payments(t, 1)
	transfers[0].ValueDate = qenex.NewDate(2023, time.February, 29)
	if results, err := session.CreateTransfers(background, transfers, nil); err == nil && results.Err() == nil {
		t.Fatal("29 February 2023 was accepted")
	}
	if date := qenex.NewDate(10000, 1, 1); date > 0 {
		t.Fatal(date)
	}
	if _, err := qenex.FormatTime(time.Date(300000, 1, 1, 0, 0, 0, 0, time.UTC)); !errors.Is(err, qenex.StatusInvalidDate) {
		t.Fatal(err)
	}
	if day := qenex.DateOf(time.Date(2024, 1, 31, 23, 0, 0, 0, time.UTC)); day.String() != "2024-01-31" {
		t.Fatal(day)
	}
}

// A slice of any length is cut into batches, never within a chain.
func TestLongSlicesAreCutBetweenChains(t *testing.T) {
	_, session := openBank(t, qenex.Options{})
	transfers := payments(t, qenex.BatchMax+2)
	transfers[qenex.BatchMax-1].Flags = qenex.Linked
	transfers[qenex.BatchMax].CreditNumber = "nobody"
	results, err := session.CreateTransfers(background, transfers, nil)
	if err != nil || len(results) != len(transfers) {
		t.Fatal(len(results), err)
	}
	if results[qenex.BatchMax-1].Status != qenex.StatusLinkedFailed ||
		results[qenex.BatchMax].Status != qenex.StatusCreditAccountUnknown ||
		results[qenex.BatchMax-2].Status != qenex.StatusOK || results[qenex.BatchMax+1].Status != qenex.StatusOK {
		t.Fatal(results.Err())
	}
	// One chain that no batch can hold is the library's to refuse.
	for index := range transfers[:len(transfers)-1] {
		transfers[index].Flags = qenex.Linked
	}
	if _, err := session.CreateTransfers(background, transfers, nil); !errors.Is(err, qenex.StatusBatchTooLarge) {
		t.Fatal(err)
	}
}

// stopping is a context that ends after it was asked so many times.
type stopping struct {
	context.Context
	left int
}

func (s *stopping) Err() error {
	if s.left--; s.left < 0 {
		return context.Canceled
	}
	return nil
}

func TestAContextEndsBetweenBatches(t *testing.T) {
	_, session := openBank(t, qenex.Options{})
	results, err := session.CreateTransfers(&stopping{background, 1}, payments(t, qenex.BatchMax+1), nil)
	if !errors.Is(err, context.Canceled) || len(results) != qenex.BatchMax || results.Err() != nil {
		t.Fatal(len(results), err)
	}
	if balance, err := session.Balance(background, "B", "USD"); err != nil || balance != "1000081.92" {
		t.Fatal(balance, err)
	}
	if _, err := session.Balance(&stopping{background, 0}, "B", "USD"); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

func TestFuturesAreAnswered(t *testing.T) {
	engine, session := openBank(t, qenex.Options{QueueCapacity: 4})
	before := runtime.NumGoroutine()
	var futures []*qenex.Future
	for count := 0; count < 100; count++ {
		future, err := qenex.Submit(background, session, payments(t, 10), nil)
		if err != nil {
			t.Fatal(err)
		}
		futures = append(futures, future)
	}
	if extra := runtime.NumGoroutine() - before; extra > 1 {
		t.Fatalf("%d goroutines wait", extra)
	}
	mixed, err := qenex.Submit(background, session, []qenex.Command{
		qenex.Hold{ID: newID(t), DebitNumber: "A", Asset: 840, Amount: qenex.Units(5)},
		qenex.Transfer{ID: newID(t), DebitNumber: "A", CreditNumber: "nobody", Asset: 840, Amount: qenex.Units(5)},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	late, err := qenex.Submit(background, session, payments(t, 1), &qenex.ExecuteOptions{Time: time.Unix(1, 0)})
	if err != nil {
		t.Fatal(err)
	}
	for _, future := range futures {
		if results, err := future.Wait(background); err != nil || results.Err() != nil || len(results) != 10 {
			t.Fatal(results, err)
		}
	}
	if results, err := mixed.Wait(background); err != nil || !errors.Is(results.Err(), qenex.StatusCreditAccountUnknown) {
		t.Fatal(results, err)
	}
	if _, err := late.Wait(background); !errors.Is(err, qenex.StatusClockWentBack) {
		t.Fatal(err)
	}
	if _, err := engine.Collect(0, 1); !errors.Is(err, qenex.StatusInvalidArgument) {
		t.Fatal(err)
	}
	// Closing finishes what was submitted.
	last, err := qenex.Submit(background, session, payments(t, 100), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Close(); err != nil {
		t.Fatal(err)
	}
	if results, err := last.Wait(background); err != nil || results.Err() != nil {
		t.Fatal(results, err)
	}
	if _, err := qenex.Submit(background, session, payments(t, 1), nil); !errors.Is(err, qenex.StatusClosed) {
		t.Fatal(err)
	}
}

func TestClosingAtAnyTime(t *testing.T) {
	engine, session := openBank(t, qenex.Options{Path: filepath.Join(t.TempDir(), "bank.db")})
	var group sync.WaitGroup
	for count := 0; count < 4; count++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for {
				_, err := session.Transfer(background, "A", "B", "0.01", "USD")
				if errors.Is(err, qenex.StatusClosed) || errors.Is(err, qenex.StatusInvalidHandle) {
					return
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		}()
	}
	time.Sleep(20 * time.Millisecond)
	for count := 0; count < 2; count++ {
		if err := engine.Close(); err != nil {
			t.Fatal(err)
		}
	}
	group.Wait()
	for count := 0; count < 2; count++ {
		if err := session.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := session.Balance(background, "A", "USD"); !errors.Is(err, qenex.StatusInvalidHandle) {
		t.Fatal(err)
	}
	if _, err := engine.Stats(); !errors.Is(err, qenex.StatusInvalidHandle) {
		t.Fatal(err)
	}
}

func TestPanicsInCallbacksStayInGo(t *testing.T) {
	logged, session := openBank(t, qenex.Options{Log: func(qenex.LogMessage) { panic("log") }, LogLevel: qenex.LogInfo})
	sessions := []*qenex.Session{session}
	if _, err := session.Transfer(background, "A", "B", "1.00", "USD"); err != nil {
		t.Fatal(err)
	}
	panicked(t, logged.Close(), "Options.Log", "log")
	broken := false
	clocked, teller := openBank(t, qenex.Options{Clock: func() time.Time {
		if broken {
			panic("clock")
		}
		return time.Now()
	}})
	sessions = append(sessions, teller)
	first, err := teller.Transfer(background, "A", "B", "1.00", "USD")
	if err != nil {
		t.Fatal(err)
	}
	broken = true
	second, err := teller.Transfer(background, "A", "B", "1.00", "USD")
	if err != nil || !second.Time.Equal(first.Time) {
		t.Fatal(first.Time, second.Time, err)
	}
	func() {
		defer func() {
			if reason := recover(); reason != "progress" {
				t.Error(reason)
			}
		}()
		_ = clocked.Backup(filepath.Join(t.TempDir(), "copy.db"), func(uint64, uint64) error { panic("progress") })
		t.Error("the panic was lost")
	}()
	panicked(t, clocked.Close(), "Options.Clock", "clock")
	if err := clocked.Close(); err != nil {
		t.Fatal("it was closed the first time:", err)
	}
	notified, teller := openBank(t, qenex.Options{})
	called := make(chan struct{})
	err = qenex.SubmitFunc(background, teller, payments(t, 1), func(qenex.Completion) {
		defer close(called)
		panic("completed")
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	<-called
	panicked(t, notified.Close(), "SubmitFunc", "completed")
	for _, open := range sessions { // they keep what their engines called
		_ = open.Close()
	}
	if live := qenex.LiveCallbacks(); live != 0 {
		t.Fatalf("%d callbacks were never given back", live)
	}
}

func panicked(t *testing.T, err error, function, value string) {
	t.Helper()
	var found *qenex.PanicError
	if !errors.As(err, &found) || found.Function != function || found.Value != value {
		t.Fatal(err)
	}
}

func TestCallingBackIsRefused(t *testing.T) {
	var engine *qenex.Engine
	var session *qenex.Session
	var called, closed error
	engine, session = openBank(t, qenex.Options{Clock: func() time.Time {
		if session != nil {
			_, called = session.Balance(background, "A", "USD")
			closed = engine.Close()
		}
		return time.Now()
	}})
	if _, err := session.Transfer(background, "A", "B", "1.00", "USD"); err != nil {
		t.Fatal(err)
	}
	if !errors.Is(called, qenex.StatusReentrant) || !errors.Is(closed, qenex.StatusReentrant) {
		t.Fatal(called, closed)
	}
	session = nil
}

// What is forgotten is given back, and what is in use is not.
func TestTheGarbageCollectorFreesWhatIsForgotten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bank.db")
	func() {
		engine, err := qenex.Open(qenex.Options{Path: path, Log: func(qenex.LogMessage) {}})
		if err != nil {
			t.Fatal(err)
		}
		session, err := engine.Session("teller")
		if err != nil {
			t.Fatal(err)
		}
		engine = nil
		runtime.GC()
		if _, err := session.OpenAccount(background, "A", "USD", "1.00"); err != nil {
			t.Fatal(err)
		}
	}()
	for attempt := 0; ; attempt++ {
		runtime.GC()
		engine, err := qenex.Open(qenex.Options{Path: path})
		if err == nil {
			if err := engine.Close(); err != nil {
				t.Fatal(err)
			}
			return
		}
		if !errors.Is(err, qenex.StatusAlreadyOpen) || attempt == 1000 {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// typed fails the test unless the error has the status and says something.
func typed(t *testing.T, what string, err error, wanted ...qenex.Status) {
	t.Helper()
	var failed *qenex.Error
	if !errors.As(err, &failed) || failed.Message == "" {
		t.Fatalf("%s: no typed error: %v", what, err)
	}
	for _, status := range wanted {
		if failed.Status == status {
			return
		}
	}
	t.Fatalf("%s: %v", what, err)
}

// Handles that were never opened, or are closed, give errors whatever is called.
func TestHandlesThatAreNotOpen(t *testing.T) {
	engine, session := openBank(t, qenex.Options{})
	if err := session.Close(); err != nil {
		t.Fatal(err)
	}
	if err := engine.Close(); err != nil {
		t.Fatal(err)
	}
	handles := []struct {
		name    string
		engine  *qenex.Engine
		session *qenex.Session
	}{{"closed", engine, session}, {"zero", &qenex.Engine{}, &qenex.Session{}}, {"nil", nil, nil}}
	wanted := []qenex.Status{qenex.StatusInvalidHandle, qenex.StatusNullPointer, qenex.StatusClosed}
	key := qenex.AccountKey{Number: "A", Asset: 840}
	for _, of := range handles {
		e, s := of.engine, of.session
		calls := map[string]func() error{
			"Transfer":        func() error { _, err := s.Transfer(background, "A", "B", "1.00", "USD"); return err },
			"OpenAccount":     func() error { _, err := s.OpenAccount(background, "C", "USD", ""); return err },
			"Balance":         func() error { _, err := s.Balance(background, "A", "USD"); return err },
			"CreateTransfers": func() error { _, err := s.CreateTransfers(background, payments(t, 1), nil); return err },
			"Execute":         func() error { _, err := s.Execute(background, []qenex.Command{payments(t, 1)[0]}, nil); return err },
			"Balances":        func() error { _, err := s.Balances(background, []qenex.AccountKey{key}, nil); return err },
			"Statement":       func() error { _, err := s.Statement(background, key, qenex.StatementOptions{}); return err },
			"FindTransfers":   func() error { _, err := s.FindTransfers(background, qenex.TransferFilter{}); return err },
			"Feed":            func() error { _, err := s.Feed(background, 0, 0); return err },
			"Sequence":        func() error { _, err := s.Sequence(background); return err },
			"GLJournal":       func() error { _, err := s.GLJournal(background, qenex.JournalOptions{}); return err },
			"EndDay":          func() error { _, err := s.EndDay(background, 0, 20240131, 0); return err },
			"AdvanceTime":     func() error { _, err := s.AdvanceTime(background, time.Now(), nil); return err },
			"Submit":          func() error { _, err := qenex.Submit(background, s, payments(t, 1), nil); return err },
			"SubmitFunc": func() error {
				return qenex.SubmitFunc(background, s, payments(t, 1), func(qenex.Completion) { t.Error("called") }, nil)
			},
			"Post":           func() error { return qenex.Post(background, s, payments(t, 1), 1, nil) },
			"Session":        func() error { _, err := e.Session("teller"); return err },
			"Stats":          func() error { _, err := e.Stats(); return err },
			"Collect":        func() error { _, err := e.Collect(0, 1); return err },
			"Backup":         func() error { return e.Backup(filepath.Join(t.TempDir(), "copy.db"), nil) },
			"ApplyFeed":      func() error { return e.ApplyFeed([]qenex.FeedEntry{{Sequence: 1}}) },
			"IntegrityCheck": func() error { _, err := e.IntegrityCheck(); return err },
			"StateHash":      func() error { _, err := e.StateHash(); return err },
			"SupportBundle":  func() error { _, err := e.SupportBundle(); return err },
		}
		for name, call := range calls {
			if of.name == "closed" && name == "Collect" {
				continue // an engine's completions go to futures or to Collect, whichever was first
			}
			typed(t, of.name+" "+name, call(), wanted...)
		}
		if of.name != "closed" {
			typed(t, of.name+" Close", e.Close(), wanted...)
		}
		if err := s.Close(); err != nil {
			t.Fatal(of.name, err)
		}
	}
}

func TestASessionClosesWhileOthersCall(t *testing.T) {
	_, session := openBank(t, qenex.Options{})
	var group sync.WaitGroup
	for count := 0; count < 4; count++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for {
				if _, err := session.CreateTransfers(background, payments(t, 10), nil); err != nil {
					typed(t, "after the close", err, qenex.StatusInvalidHandle)
					return
				}
			}
		}()
	}
	time.Sleep(10 * time.Millisecond)
	for count := 0; count < 2; count++ {
		if err := session.Close(); err != nil {
			t.Fatal(err)
		}
	}
	group.Wait()
}

// Texts and values that no account has are refused, and nothing is cut short.
func TestTextsThatAreNotTexts(t *testing.T) {
	engine, session := openBank(t, qenex.Options{})
	folder := t.TempDir()
	_, err := qenex.Open(qenex.Options{Path: filepath.Join(folder, "a\x00b.db")})
	typed(t, "a path with NUL", err, qenex.StatusInvalidArgument, qenex.StatusCannotOpen)
	_, err = qenex.Open(qenex.Options{Path: filepath.Join(folder, "a\xff.db")})
	typed(t, "a path that is not UTF-8", err, qenex.StatusInvalidUTF8)
	_, err = qenex.Open(qenex.Options{})
	typed(t, "no path", err, qenex.StatusInvalidArgument)
	_, err = qenex.Open(qenex.Options{Path: folder})
	typed(t, "a folder", err, qenex.StatusNotADatabase)
	_, err = qenex.Open(qenex.Options{Flags: qenex.OpenMemory, BusyTimeout: -1})
	typed(t, "a negative timeout", err, qenex.StatusInvalidArgument)
	typed(t, "a backup to a path with NUL", engine.Backup(filepath.Join(folder, "x\x00y"), nil),
		qenex.StatusInvalidArgument, qenex.StatusBackupFailed)
	typed(t, "a restore from a path with NUL", qenex.Restore(filepath.Join(folder, "x\x00y"), filepath.Join(folder, "z")),
		qenex.StatusInvalidArgument, qenex.StatusCannotOpen, qenex.StatusBackupFailed)
	if found, err := filepath.Glob(filepath.Join(folder, "*")); err != nil || len(found) != 0 {
		t.Fatal("a path was cut short:", found, err)
	}
	for _, name := range []string{"tel\x00ler", "\xc3\x28", "\xed\xa0\x80", strings.Repeat("x", 200)} {
		if _, err := engine.Session(name); err == nil {
			t.Fatalf("%q is a principal", name)
		} else {
			typed(t, "the principal "+name, err, qenex.StatusInvalidArgument, qenex.StatusInvalidUTF8)
		}
		if _, err := session.OpenAccount(background, name, "USD", ""); err == nil {
			t.Fatalf("%q is a number", name)
		}
		if _, err := session.Balance(background, name, "USD"); err == nil {
			t.Fatalf("%q has a balance", name)
		}
	}
	for _, amount := range []string{"", "1\x00", "1e9", "NaN", "0x10", "1.000", strings.Repeat("9", 60)} {
		if _, err := session.Transfer(background, "A", "B", amount, "USD"); err == nil {
			t.Fatalf("%q is an amount", amount)
		}
	}
	transfers := payments(t, 2)
	transfers[1].Amount, _ = qenex.AmountFromBig(new(big.Int).Lsh(big.NewInt(1), 100)) // more than a narrow asset takes
	results, err := session.CreateTransfers(background, transfers, nil)
	if err != nil || results[1].Status != qenex.StatusAmountOverflow {
		t.Fatal(results, err)
	}
	transfers = payments(t, 3)
	transfers[2].Metadata = strings.Repeat("x", qenex.ArenaMax+1)
	_, err = session.CreateTransfers(background, transfers[2:], nil)
	typed(t, "a text that no batch takes", err, qenex.StatusBatchTooLarge)
	transfers[2].Metadata = strings.Repeat("x", qenex.ArenaMax-30) // with what the first two have it is too much
	if results, err := session.CreateTransfers(background, transfers, nil); err != nil || len(results) != 3 ||
		results[2].Status != qenex.StatusTextTooLong || results[1].Status != qenex.StatusOK {
		t.Fatal(len(results), err, results.Err())
	}
}

// What Go's types allow and a batch cannot hold.
func TestNilIsRefused(t *testing.T) {
	_, session := openBank(t, qenex.Options{})
	good := payments(t, 1)[0]
	_, err := session.Execute(background, []qenex.Command{good, nil}, nil)
	typed(t, "a nil command", err, qenex.StatusNullPointer)
	_, err = session.Execute(background, []qenex.Command{(*qenex.Transfer)(nil)}, nil)
	typed(t, "a nil pointer", err, qenex.StatusNullPointer)
	if results, err := session.Execute(background, []qenex.Command{&good}, nil); err != nil || results.Err() != nil {
		t.Fatal("a pointer to a command:", results, err)
	}
	_, err = session.CreateTransfers(background, nil, nil)
	typed(t, "no commands", err, qenex.StatusEmptyBatch)
	_, err = qenex.Submit(background, session, []qenex.Transfer(nil), nil)
	typed(t, "no commands to submit", err, qenex.StatusEmptyBatch)
	_, err = session.Balances(background, nil, nil)
	typed(t, "no keys", err, qenex.StatusEmptyBatch)
	err = qenex.SubmitFunc(background, session, []qenex.Transfer{good}, nil, nil)
	typed(t, "no function", err, qenex.StatusNullPointer)
	var none context.Context
	_, err = session.Balance(none, "A", "USD")
	typed(t, "no context", err, qenex.StatusNullPointer)
	_, err = qenex.Units(100).Allocate(nil)
	typed(t, "no weights", err, qenex.StatusEmptyBatch)
	_, err = qenex.Units(100).Allocate([]uint64{0, 0})
	typed(t, "weights of zero", err, qenex.StatusInvalidArgument)
	_, err = qenex.Units(100).Allocate(make([]uint64, qenex.BatchMax+1))
	typed(t, "too many weights", err, qenex.StatusBatchTooLarge)
	parts, err := qenex.Units(-100).Allocate([]uint64{1, 1, 1})
	if err != nil || parts[0] != qenex.Units(-34) || parts[2] != qenex.Units(-33) {
		t.Fatal(parts, err)
	}
}

// The collector runs as fast as it can while batches, pages and futures cross over.
func TestCollectionDuringCalls(t *testing.T) {
	_, session := openBank(t, qenex.Options{})
	end := make(chan struct{})
	var group sync.WaitGroup
	group.Add(1)
	go func() {
		defer group.Done()
		for {
			select {
			case <-end:
				return
			default:
				runtime.GC()
			}
		}
	}()
	for count := 0; count < 5; count++ {
		results, err := session.CreateTransfers(background, payments(t, 200), nil)
		if err != nil || results.Err() != nil {
			t.Fatal(results, err)
		}
		future, err := qenex.Submit(background, session, payments(t, 50), nil)
		if err != nil {
			t.Fatal(err)
		}
		if results, err := future.Wait(background); err != nil || results.Err() != nil {
			t.Fatal(results, err)
		}
	}
	page, err := session.Statement(background, qenex.AccountKey{Number: "A", Asset: 840}, qenex.StatementOptions{Limit: 10000})
	if err != nil || len(page.Lines) != 1251 || page.Lines[0].Transfer.Narrative != "a narrative" {
		t.Fatal(len(page.Lines), err)
	}
	close(end)
	group.Wait()
}
