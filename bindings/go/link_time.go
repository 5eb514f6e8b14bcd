//go:build !qenex_dlopen

package qenex

// loadFailure is why the library could not be loaded: then a program that was linked to it does not start.
func loadFailure() error {
	return nil
}
