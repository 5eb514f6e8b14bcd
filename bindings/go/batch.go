package qenex

// Batches: slices of any length become arrays that the library takes, cut where no linked chain is broken.

// #include <qenex.h>
import "C"

import (
	"context"
	"fmt"
	"reflect"
	"runtime"
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
// is too long is passed on, and the library refuses it. Errors: StatusEmptyBatch; StatusBatchTooLarge, the texts of one
// chain need more than ArenaMax bytes; StatusNullPointer, an item is nil.
func encode[T Command](items []T, options *ExecuteOptions) (*batch, int, error) {
	if len(items) == 0 {
		return nil, 0, emptyBatch()
	}
	var texts arena
	var records, scratch []byte
	kind := reflect.TypeOf(items).Elem().Kind()
	mixed := kind == reflect.Interface
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
		if kind != reflect.Struct && isNil(item) {
			return nil, 0, &Error{Status: StatusNullPointer, Item: count, Message: "the command is nil: leave it out"}
		}
		kind, flags := item.command()
		if mixed {
			scratch = item.appendTo(scratch[:0], &texts)
			at := texts.putBytes(scratch)
			raw := rawCommand{Kind: uint32(kind), Offset: at.Offset, Size: at.Length}
			records = append(records, bytesOf(&raw)...)
		} else {
			records = item.appendTo(records, &texts)
		}
		if count == 0 {
			whole := make([]byte, len(records), len(records)*lesser(len(items), BatchMax))
			copy(whole, records)
			records = whole
		}
		count++
		linked = flags&Linked != 0
		if texts.over {
			break
		}
	}
	if texts.over && cut == 0 {
		return nil, 0, &Error{Status: StatusBatchTooLarge, Item: count - 1,
			Message: fmt.Sprintf("the texts up to this item need more than %d bytes: shorten them", ArenaMax)}
	}
	if cut > 0 && (texts.over || count < len(items)) {
		count, records, texts.bytes = cut, records[:cutRecords], texts.bytes[:cutTexts]
	}
	made := &batch{records: firstOf(records), count: C.size_t(count), size: C.size_t(len(records) / count)}
	made.arena, made.arenaLen = texts.c()
	if options != nil {
		raw := options.encode(nil)
		made.options = (*C.qenex_execute_options)(unsafe.Pointer(&raw))
	}
	return made, count, nil
}

func emptyBatch() error {
	return &Error{Status: StatusEmptyBatch, Item: -1, Message: "there is nothing to do: give at least one item"}
}

func isNil(item Command) bool {
	value := reflect.ValueOf(item)
	return !value.IsValid() || value.Kind() == reflect.Ptr && value.IsNil()
}

func lesser(a, b int) int {
	if a < b {
		return a
	}
	return b
}

// execute runs the items batch by batch. What was done before an error stays done: its results come with the error,
// whose item counts from the start of the slice.
func execute[T Command](ctx context.Context, s *Session, items []T, options *ExecuteOptions, call func(*batch) C.qenex_status) (Results, error) {
	results := make(Results, 0, len(items))
	for {
		if err := ended(ctx); err != nil {
			return results, fmt.Errorf("qenex: stopped before item %d of %d: %w", len(results), len(items), err)
		}
		made, count, err := encode(items[len(results):], options)
		if err == nil {
			answers := make([]rawResult, count)
			made.results = answers[0].c()
			status := call(made)
			runtime.KeepAlive(s)
			if err = errorOf(status, made.failed); err == nil {
				for index := range answers {
					results = append(results, answers[index].decode(nil))
				}
			}
		}
		if err != nil {
			return results, later(err, len(results))
		}
		if len(results) == len(items) {
			return results, nil
		}
	}
}

// later makes the item of an error count from the start of the whole slice.
func later(err error, done int) error {
	if failure, ok := err.(*Error); ok && failure.Item >= 0 {
		failure.Item += done
	}
	return err
}
