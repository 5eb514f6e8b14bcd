//go:build qenex_dlopen

package qenex

// With -tags qenex_dlopen the library is looked for when the program starts: where QENEX_LIBRARY says, or as the system
// finds libqenex.so.0. Building needs the header alone (CGO_CFLAGS=-I...).

// #cgo CFLAGS: -DQENEX_GO_DLOPEN
// #cgo linux LDFLAGS: -ldl
// #include "dynamic.h"
import "C"

// loadFailure is why the library could not be loaded, or nil.
func loadFailure() error {
	reason := C.qenex_go_load_error()
	if reason == nil {
		return nil
	}
	return &Error{Status: StatusUnsupported, Item: -1,
		Message: "libqenex cannot be loaded: " + C.GoString(reason) +
			": install it, of the release of this package, or say in QENEX_LIBRARY where it is"}
}
