package qenex

// Answers of any length: buffers of the library, copied into Go's values and freed at once.

// #include <qenex.h>
import "C"

import "unsafe"

// read makes a value of a record that has no texts.
func read[R, V any](raw *R, decode func(*R, []byte, *V)) (value V) {
	decode(raw, nil, &value)
	return value
}

// recordsOf copies the records of a buffer. Records of a newer library may be longer than ours.
func recordsOf[R, V any](buffer *C.qenex_buffer, decode func(*R, []byte, *V)) []V {
	count := int(C.qenex_buffer_count(buffer))
	stride := int(C.qenex_buffer_record_size(buffer))
	first := C.qenex_buffer_records(buffer)
	if count == 0 || first == nil {
		return nil
	}
	texts := textsOf(buffer)
	all := unsafe.Slice((*byte)(first), count*stride)
	values := make([]V, count)
	for index := range values {
		var raw R
		size := int(unsafe.Sizeof(raw))
		if size > stride {
			size = stride
		}
		copy(unsafe.Slice((*byte)(unsafe.Pointer(&raw)), size), all[index*stride:])
		decode(&raw, texts, &values[index])
	}
	return values
}

// textsOf lends the arena of a buffer until it is freed.
func textsOf(buffer *C.qenex_buffer) []byte {
	var length C.size_t
	data := C.qenex_buffer_arena(buffer, &length)
	return unsafe.Slice((*byte)(unsafe.Pointer(data)), int(length))
}

// cursorOf copies the cursor of a buffer; nil: there is nothing more.
func cursorOf(buffer *C.qenex_buffer) []byte {
	var length C.size_t
	data := C.qenex_buffer_cursor(buffer, &length)
	if data == nil {
		return nil
	}
	return C.GoBytes(unsafe.Pointer(data), C.int(length))
}
