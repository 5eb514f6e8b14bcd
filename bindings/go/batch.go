package qenex

// Batches: slices of any length become arrays that the library takes, cut where no linked chain is broken.

// #include <qenex.h>
import "C"

import (
	"context"
	"fmt"
	"reflect"
	"runtime"
	"sync"
	"unsafe"
)

// Command is a value that changes something: Transfer, Hold, Account and the others, each with its idempotency key. The
// types are those of this package.
type Command interface {
	command() CommandKind
	// record gives a copy to encode.
	record() encoder
}

// encoder is a pointer to a command.
type encoder interface {
	// size of the record in C.
	size() int
	// encodeInto fills a record, which is zero, puts its texts into the arena, and gives the flags.
	encodeInto(memory unsafe.Pointer, texts *arena) uint32
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

// memory is what batches are made in: big, and used again by the next call.
type memory struct {
	records []uint64 // words, so that records are aligned
	item    []uint64
	texts   []byte
	answers []rawResult
}

var memories = sync.Pool{New: func() any { return new(memory) }}

// release hands memory on, unless an unusual batch made it huge.
func (m *memory) release() {
	if cap(m.texts) <= 1<<20 && cap(m.records) <= 1<<20 {
		memories.Put(m)
	}
}

// zeros gives memory of so many bytes, a multiple of eight, that are zero.
func zeros(words []uint64, size int) []uint64 {
	if cap(words) < size/8 {
		return make([]uint64, size/8)
	}
	words = words[:size/8]
	for index := range words {
		words[index] = 0
	}
	return words
}

// encode makes one batch of as many items as fit, and says how many. A chain of linked items stays together: one that
// is too long is passed on, and the library refuses it. Errors: StatusEmptyBatch; StatusBatchTooLarge, the texts of one
// chain need more than ArenaMax bytes; StatusNullPointer, an item is nil.
func encode[T Command](items []T, options *ExecuteOptions, memory *memory) (*batch, int, error) {
	if len(items) == 0 {
		return nil, 0, emptyBatch()
	}
	texts := arena{bytes: memory.texts[:0]}
	kind := reflect.TypeOf(items).Elem().Kind()
	size, most := 0, lesser(len(items), BatchMax)
	cut, cutTexts := 0, 0
	count, linked := 0, false
	for count < len(items) {
		if !linked {
			cut, cutTexts = count, len(texts.bytes)
		}
		if count >= BatchMax && cut > 0 {
			break
		}
		var item encoder
		switch {
		case kind == reflect.Struct:
			item = any(&items[count]).(encoder) // no copy
		case isNil(items[count]):
			return nil, 0, &Error{Status: StatusNullPointer, Item: count, Message: "the command is nil: leave it out"}
		default:
			item = items[count].record()
		}
		if count == 0 {
			if size = item.size(); kind == reflect.Interface {
				size = C.sizeof_qenex_command
			}
			memory.records = zeros(memory.records, most*size)
		} else if count == most { // a chain that is longer than a batch, which the library refuses
			most *= 2
			memory.records = append(memory.records, make([]uint64, most/2*size/8)...)
		}
		at := unsafe.Pointer(&memory.records[count*size/8])
		var flags uint32
		if kind == reflect.Interface {
			memory.item = zeros(memory.item, item.size())
			flags = item.encodeInto(firstOf(memory.item), &texts)
			lies := texts.putBytes(unsafe.Slice((*byte)(firstOf(memory.item)), item.size()))
			*(*rawCommand)(at) = rawCommand{Kind: uint32(items[count].command()), Offset: lies.Offset, Size: lies.Length}
		} else {
			flags = item.encodeInto(at, &texts)
		}
		count++
		linked = flags&Linked != 0
		if texts.over {
			break
		}
	}
	memory.texts = texts.bytes
	if texts.over && cut == 0 {
		return nil, 0, &Error{Status: StatusBatchTooLarge, Item: count - 1,
			Message: fmt.Sprintf("the texts up to this item need more than %d bytes: shorten them", ArenaMax)}
	}
	if cut > 0 && (texts.over || count < len(items)) {
		count, texts.bytes = cut, texts.bytes[:cutTexts]
	}
	made := &batch{records: firstOf(memory.records), count: C.size_t(count), size: C.size_t(size)}
	made.arena, made.arenaLen = texts.c()
	if options != nil {
		var raw rawExecuteOptions
		options.encode(&raw, nil)
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
	memory := memories.Get().(*memory)
	defer memory.release()
	for {
		if err := ended(ctx); err != nil {
			return results, fmt.Errorf("qenex: stopped before item %d of %d: %w", len(results), len(items), err)
		}
		made, count, err := encode(items[len(results):], options, memory)
		if err == nil {
			if cap(memory.answers) < count {
				memory.answers = make([]rawResult, count)
			}
			answers := memory.answers[:count]
			made.results = answers[0].c()
			status := call(made)
			runtime.KeepAlive(s)
			if err = errorOf(status, made.failed); err == nil {
				done := len(results)
				results = results[:done+count]
				for index := range answers {
					answers[index].decode(nil, &results[done+index])
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
