package qenex

// Texts and times on their way through the boundary: Go strings are lent to a call, records point into an arena, and
// what comes back is copied, so that no pointer outlives its call on either side.

// #include <stdlib.h>
// #include <qenex.h>
import "C"

import (
	"bytes"
	"math"
	"time"
	"unsafe"
)

// textOf lends a string to a call.
func textOf(text string) (*C.char, C.size_t) {
	return *(**C.char)(unsafe.Pointer(&text)), C.size_t(len(text)) // a string begins with its pointer
}

// firstOf gives the address of a slice's first element, for a call.
func firstOf[T any](slice []T) unsafe.Pointer {
	return *(*unsafe.Pointer)(unsafe.Pointer(&slice)) // a slice begins with its pointer
}

// bytesOf shows a raw record as bytes.
func bytesOf[R any](raw *R) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(raw)), unsafe.Sizeof(*raw))
}

// arena collects the texts of a batch, at most ArenaMax bytes: what does not fit sets over and is left out.
type arena struct {
	bytes []byte
	over  bool
}

func (a *arena) put(text string) rawText {
	if !a.takes(len(text)) {
		return rawText{}
	}
	at := rawText{uint32(len(a.bytes)), uint32(len(text))}
	a.bytes = append(a.bytes, text...)
	return at
}

func (a *arena) putBytes(text []byte) rawText {
	if !a.takes(len(text)) {
		return rawText{}
	}
	at := rawText{uint32(len(a.bytes)), uint32(len(text))}
	a.bytes = append(a.bytes, text...)
	return at
}

func (a *arena) putTexts(texts []string) rawText {
	pairs := make([]byte, 0, len(texts)*int(unsafe.Sizeof(rawText{})))
	for _, text := range texts {
		pair := a.put(text)
		pairs = append(pairs, bytesOf(&pair)...)
	}
	return a.putBytes(pairs)
}

func (a *arena) putDates(dates []Date) rawText {
	return a.putBytes(unsafe.Slice((*byte)(firstOf(dates)), len(dates)*int(unsafe.Sizeof(Date(0)))))
}

// putRecords puts an array of records, and before it their texts.
func putRecords[V, R any](a *arena, values []V, encode func(*V, *R, *arena)) rawText {
	var records []byte
	for index := range values {
		var raw R
		encode(&values[index], &raw, a)
		records = append(records, bytesOf(&raw)...)
	}
	return a.putBytes(records)
}

func (a *arena) takes(size int) bool {
	if size > ArenaMax-len(a.bytes) {
		a.over = true
	}
	return size > 0 && !a.over
}

func (a *arena) c() (*C.uint8_t, C.size_t) {
	return (*C.uint8_t)(firstOf(a.bytes)), C.size_t(len(a.bytes))
}

// foreign is memory of C's for what a record points to: memory of Go's must not hold pointers to Go's when C reads it.
type foreign struct {
	blocks []unsafe.Pointer
}

func (f *foreign) copy(data []byte) (unsafe.Pointer, uintptr) {
	if len(data) == 0 {
		return nil, 0
	}
	block := C.CBytes(data)
	f.blocks = append(f.blocks, block)
	return block, uintptr(len(data))
}

func (f *foreign) free() {
	for _, block := range f.blocks {
		C.free(block)
	}
	f.blocks = nil
}

func within(texts []byte, at rawText) []byte {
	end := uint64(at.Offset) + uint64(at.Length)
	if end > uint64(len(texts)) {
		return nil
	}
	return texts[at.Offset:end]
}

func textAt(texts []byte, at rawText) string {
	return string(within(texts, at))
}

func bytesAt(texts []byte, at rawText) []byte {
	return append([]byte(nil), within(texts, at)...)
}

// textsAt reads an array of texts: unaligned qenex_text values inside the arena.
func textsAt(texts []byte, at rawText, count uint32) []string {
	var found []string
	for _, pair := range valuesAt[rawText](texts, at) {
		if len(found) < int(count) {
			found = append(found, textAt(texts, pair))
		}
	}
	return found
}

// datesAt reads an array of days.
func datesAt(texts []byte, at rawText) []Date {
	return valuesAt[Date](texts, at)
}

// valuesAt reads an array of any alignment out of an arena.
func valuesAt[V any](texts []byte, at rawText) []V {
	data := within(texts, at)
	var found []V
	for {
		var value V
		if len(data) < int(unsafe.Sizeof(value)) {
			return found
		}
		data = data[copy(bytesOf(&value), data):]
		found = append(found, value)
	}
}

func untilNUL(text []byte) string {
	before, _, _ := bytes.Cut(text, []byte{0})
	return string(before)
}

// The years that UnixMicro can express without leaving 64 bits, and more than the library takes.
const (
	firstYear = -290000
	lastYear  = 290000
)

// micros gives a time in microseconds since 1970; the zero time is 0: none. What is finer than a microsecond is cut. A
// time outside the library's years 1 to 9999 stays outside, so that the library refuses it.
func micros(t time.Time) int64 {
	switch {
	case t.IsZero():
		return 0
	case t.Year() < firstYear:
		return math.MinInt64
	case t.Year() > lastYear:
		return math.MaxInt64
	default:
		return t.UnixMicro()
	}
}

// timeAt is the other way round, in UTC; 0 is the zero time.
func timeAt(microseconds int64) time.Time {
	if microseconds == 0 {
		return time.Time{}
	}
	return time.UnixMicro(microseconds).UTC()
}
