package qenex

// Sessions, and the one-line calls.

// #include <qenex.h>
import "C"

import (
	"context"
	"runtime"
	"sync/atomic"
	"unsafe"
)

// Session is who acts. Any number of goroutines may use it. Close it; one that is forgotten is freed after the garbage
// collector found it. It keeps its Engine from being collected.
//
// Every method takes a context. The library's calls are short and cannot be broken off: the context is asked before each
// of them, so between the batches of a long slice, not within one.
type Session struct {
	handle *C.qenex_session
	engine *Engine
	closed atomic.Bool
}

// Session opens a session for a principal (a user, a service; 1 to 128 bytes). Who acts is in the audit record of each
// change.
func (e *Engine) Session(principal string) (*Session, error) {
	return e.SessionOnBehalfOf(principal, "")
}

// SessionOnBehalfOf opens a session for a principal that acts for another one.
func (e *Engine) SessionOnBehalfOf(principal, onBehalfOf string) (*Session, error) {
	session := &Session{engine: e}
	var failed *C.qenex_error
	who, whoLen := textOf(principal)
	whom, whomLen := textOf(onBehalfOf)
	status := C.qenex_session_open(e.c(), who, whoLen, whom, whomLen, &session.handle, &failed)
	runtime.KeepAlive(e)
	if err := errorOf(status, failed); err != nil {
		return nil, err
	}
	runtime.SetFinalizer(session, (*Session).free)
	return session, nil
}

// Close frees the session, before or after its engine is closed; calls under way finish. Closing again does nothing. The
// error is always nil: the method is that of io.Closer.
func (s *Session) Close() error {
	if s == nil {
		return nil
	}
	s.free()
	runtime.SetFinalizer(s, nil)
	return nil
}

func (s *Session) free() {
	if !s.closed.Swap(true) {
		C.qenex_session_free(s.c())
	}
}

// Engine gives the engine of the session.
func (s *Session) Engine() *Engine {
	return s.engine
}

// c gives the handle, NULL of a session that was never opened: the library refuses it.
func (s *Session) c() *C.qenex_session {
	if s == nil {
		return nil
	}
	return s.handle
}

// OpenAccount opens a customer's account (a liability that cannot be overdrawn) known by number, such as "ACC001", in
// currency, such as "USD", with an opening balance, such as "250.00", unless that is empty. What it needs and the file
// lacks is created with it: the currency, a legal entity, the account that opening balances come from. The result's id
// is the account's.
//
// An account that was refused is an error: StatusNumberTaken when there is such an account already.
func (s *Session) OpenAccount(ctx context.Context, number, currency, openingBalance string) (Result, error) {
	return answer(ctx, s, func(out *C.qenex_result, failed **C.qenex_error) C.qenex_status {
		name, nameLen := textOf(number)
		code, codeLen := textOf(currency)
		amount, amountLen := textOf(openingBalance)
		return C.qenex_account_open_simple(s.c(), name, nameLen, code, codeLen, amount, amountLen, out, failed)
	})
}

// Transfer pays amount, such as "100.00", in currency, such as "USD", from one account to another, both named by number.
// Calling it again pays again: TransferOnce does not. Durable when it returns.
func (s *Session) Transfer(ctx context.Context, from, to, amount, currency string) (Result, error) {
	return s.TransferOnce(ctx, ID{}, from, to, amount, currency)
}

// TransferOnce is Transfer with an idempotency key: with the same id the payment happens once, however often the call
// is repeated.
//
// A transfer that was refused is an error with the reason as its status, such as StatusInsufficientFunds. Other errors:
// StatusUnknownCurrency, StatusInvalidAmountText.
func (s *Session) TransferOnce(ctx context.Context, id ID, from, to, amount, currency string) (Result, error) {
	return answer(ctx, s, func(out *C.qenex_result, failed **C.qenex_error) C.qenex_status {
		payer, payerLen := textOf(from)
		payee, payeeLen := textOf(to)
		sum, sumLen := textOf(amount)
		code, codeLen := textOf(currency)
		return C.qenex_transfer_simple(s.c(), id.orNil(), payer, payerLen, payee, payeeLen, sum, sumLen, code, codeLen,
			out, failed)
	})
}

// Balance gives the balance of an account, named by number, in currency, such as "100.00" or "-0.05", on the account's
// normal side: what the bank owes a customer is positive. Errors: StatusNotFound, StatusUnknownCurrency.
func (s *Session) Balance(ctx context.Context, number, currency string) (string, error) {
	if err := ended(ctx); err != nil {
		return "", err
	}
	name, nameLen := textOf(number)
	code, codeLen := textOf(currency)
	text, err := format(func(buffer *C.char, size C.size_t, length *C.size_t, failed **C.qenex_error) C.qenex_status {
		return C.qenex_balance_text(s.c(), name, nameLen, code, codeLen, buffer, size, length, failed)
	})
	runtime.KeepAlive(s)
	return text, err
}

// AssetNumber finds the number of an asset of the file by its code, such as "USD". Error: StatusUnknownCurrency.
func (s *Session) AssetNumber(ctx context.Context, code string) (uint32, error) {
	if err := ended(ctx); err != nil {
		return 0, err
	}
	var number C.uint32_t
	var failed *C.qenex_error
	data, length := textOf(code)
	status := C.qenex_asset_number(s.c(), data, length, &number, &failed)
	runtime.KeepAlive(s)
	return uint32(number), errorOf(status, failed)
}

func (raw *rawResult) c() *C.qenex_result {
	return (*C.qenex_result)(unsafe.Pointer(raw))
}

// answer asks for one command: a refusal is an error, and comes with its result.
func answer(ctx context.Context, s *Session, call func(*C.qenex_result, **C.qenex_error) C.qenex_status) (Result, error) {
	if err := ended(ctx); err != nil {
		return Result{}, err
	}
	var raw rawResult
	var failed *C.qenex_error
	status := call(raw.c(), &failed)
	runtime.KeepAlive(s)
	if err := errorOf(status, failed); err != nil {
		return Result{}, err
	}
	result := read(&raw, (*rawResult).decode)
	return result, refusal(result.Status, 0)
}
