// Package qenex is libqenex in Go: accounts, double-entry transfers, holds and reversals in one SQLite file, inside the
// program that calls it. No server.
//
//	engine, err := qenex.Open(qenex.Options{Path: "bank.db"})
//	defer engine.Close()
//	teller, err := engine.Session("teller")
//	defer teller.Close()
//	_, err = teller.OpenAccount(ctx, "ACC001", "USD", "250.00")
//	_, err = teller.OpenAccount(ctx, "ACC002", "USD", "")
//	_, err = teller.Transfer(ctx, "ACC001", "ACC002", "100.00", "USD")
//	balance, err := teller.Balance(ctx, "ACC001", "USD") // "150.00"
//
// # Errors
//
// An error of the library is an *Error, which unwraps to its Status:
//
//	if errors.Is(err, qenex.StatusInsufficientFunds) { ... }
//
// One-line calls give an error for a refusal. Calls that take slices give Results, in which each item has its status;
// their error means that nothing of the batch was applied. Results.Err makes an error of the first refusal.
//
// # Contexts
//
// A call of the library cannot be broken off, and each is short. A context is asked before every call, so between the
// batches of a slice that is longer than BatchMax. What was done before it ended is done and durable. Close takes none:
// it finishes what was submitted.
//
// # Money, ids, times
//
// Amount is a signed 128-bit integer of minor units, made from decimal strings, int64 or big.Int, never from a float. ID
// is 16 bytes in network order. Times are time.Time cut to microseconds, in UTC when they come back; the zero time is
// none, and so is, to the library, the very first microsecond of 1970. Date is a day without a time zone.
//
// # Goroutines and memory
//
// Engines and sessions may be used by any number of goroutines, and closed at any time: calls after that fail with
// StatusClosed or StatusInvalidHandle. The library keeps no pointer to Go's memory after a call; functions in Options are
// held by handles, and given back when the engine and its sessions are closed. A panic in one of them never runs through
// the library: Backup panics with that of its function, Engine.Close returns any other as a *PanicError.
package qenex
