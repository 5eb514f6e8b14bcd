package qenex

// The library as a whole: its version, whether it fits this package, what it was built with.

// #include <qenex.h>
import "C"

import "fmt"

// The header that cgo found is the one that layout.go was made from.
var _ [ABIVersion]struct{} = [C.QENEX_ABI_VERSION]struct{}{}

// incompatible is why the loaded library cannot be used, or nil: checked once, when the package is initialised.
var incompatible = unusable()

func unusable() error {
	if err := loadFailure(); err != nil {
		return err
	}
	return compatibility(LibraryABIVersion(), LibraryVersion())
}

func compatibility(abi uint32, version string) error {
	if abi == ABIVersion {
		return nil
	}
	return &Error{
		Status: StatusUnsupported,
		Item:   -1,
		Message: fmt.Sprintf("the loaded libqenex %s has binary interface %d, this Go package was made for %d: "+
			"install the library and the package of one release", version, abi, ABIVersion),
	}
}

// Compatible returns nil when the loaded library fits this package, otherwise an error that names both versions. Every
// function that could misread something returns the same error; a program may ask early.
func Compatible() error {
	return incompatible
}

// LibraryVersion returns the version of the loaded library, such as "0.1.0".
func LibraryVersion() string {
	return C.GoString(C.qenex_version())
}

// LibraryABIVersion returns the version of the loaded library's binary interface; this package needs ABIVersion.
func LibraryABIVersion() uint32 {
	return uint32(C.qenex_abi_version())
}

// HasFeature tells whether the loaded library was built with a feature: "ledger", "host_records", "completion_queue".
func HasFeature(name string) bool {
	data, length := textOf(name)
	return C.qenex_has_feature(data, length) != 0
}

// StatusName returns the name that the loaded library has for a status, which may be newer than Status.String.
func StatusName(status Status) string {
	return C.GoString(C.qenex_status_name(C.qenex_status(status)))
}

// StatusExplanation returns what the loaded library says about a status: what it means and what to do.
func StatusExplanation(status Status) string {
	return C.GoString(C.qenex_status_explanation(C.qenex_status(status)))
}
