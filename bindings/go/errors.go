package qenex

// Errors: one type, which unwraps to its Status, so that errors.Is and errors.As both work.

// #include <qenex.h>
import "C"

import (
	"context"
	"errors"
	"fmt"
	"unsafe"
)

// Error is why a call failed, or why an item was refused.
//
// errors.Is(err, qenex.StatusInsufficientFunds) asks for the status; errors.As gives the whole:
//
//	var failure *qenex.Error
//	if errors.As(err, &failure) && failure.Status.Refusal() { ... }
type Error struct {
	// Status is negative when nothing was applied (StatusOutcomeUnknown alone leaves open whether: reopen, and repeat
	// with the same ids), positive when an item was refused.
	Status Status
	// Message says what happened, to what, and what to do.
	Message string
	// Item is the index, from 0, of the item that the error belongs to in the slice that was passed; -1: to none.
	Item int
	// SQLiteCode is SQLite's extended result code; 0: SQLite had no part in it.
	SQLiteCode int
}

// Error gives the status, the item if there is one, and the message.
func (e *Error) Error() string {
	if e.Item >= 0 {
		return fmt.Sprintf("%s (item %d): %s", e.Status.String(), e.Item, e.Message)
	}
	return e.Status.String() + ": " + e.Message
}

// Unwrap gives the Status.
func (e *Error) Unwrap() error {
	return e.Status
}

// Error makes a Status an error that errors.Is finds.
func (s Status) Error() string {
	return s.String() + ": " + s.Explanation()
}

// Refusal tells whether the status is that of a refused item rather than of a failed call.
func (s Status) Refusal() bool {
	return s > 0
}

// stoppedError is the library's error of something that the program stopped, and the program's reason.
type stoppedError struct {
	library, reason error
}

func (e *stoppedError) Error() string {
	return e.library.Error() + ": " + e.reason.Error()
}

// Unwrap gives the library's error; Is and As look at the reason.
func (e *stoppedError) Unwrap() error {
	return e.library
}

func (e *stoppedError) Is(target error) bool {
	return errors.Is(e.reason, target)
}

func (e *stoppedError) As(target any) bool {
	return errors.As(e.reason, target)
}

// ended gives why a context ended; nil: it goes on.
func ended(ctx context.Context) error {
	if ctx == nil {
		return &Error{Status: StatusNullPointer, Item: -1, Message: "the context is nil: pass context.Background()"}
	}
	return ctx.Err()
}

// errorOf makes a Go error of a negative status, and frees the library's.
func errorOf(status C.qenex_status, failed *C.qenex_error) error {
	if status >= 0 {
		return nil
	}
	failure := &Error{Status: Status(status), Item: -1, Message: Status(status).Explanation()}
	if failed == nil {
		return failure
	}
	defer C.qenex_error_free(failed)
	failure.Status = Status(C.qenex_error_status(failed))
	failure.Item = int(C.qenex_error_item(failed))
	failure.SQLiteCode = int(C.qenex_error_sqlite_code(failed))
	var length C.size_t
	if message := C.qenex_error_message(failed, &length); message != nil {
		failure.Message = string(unsafe.Slice((*byte)(unsafe.Pointer(message)), int(length)))
	}
	return failure
}

// refusal makes an error of a refused item; nil when it was not refused.
func refusal(status Status, item int) error {
	if status == StatusOK {
		return nil
	}
	return &Error{Status: status, Item: item, Message: status.Explanation()}
}
