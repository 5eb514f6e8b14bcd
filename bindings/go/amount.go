package qenex

// Amounts: signed 128-bit integers of minor units, as a value type.

// #include <qenex.h>
import "C"

import (
	"math/big"
	"unsafe"
)

// Amount is a number of an asset's minor units (cents) in signed 128 bits. It is a value: compare with ==, or with Cmp.
// The zero value is zero. Nothing here rounds, and there is no way from or to a float.
type Amount struct {
	lo uint64
	hi int64
}

// Units makes an amount of minor units: Units(10000) is 100.00 of a currency with two decimals.
func Units(minor int64) Amount {
	return Amount{uint64(minor), minor >> 63}
}

// AmountFromBig makes an amount of minor units. Error: StatusOverflow when it needs more than 128 bits.
func AmountFromBig(minor *big.Int) (Amount, error) {
	if minor == nil {
		return Amount{}, &Error{Status: StatusNullPointer, Item: -1, Message: "the big.Int is nil: pass a number"}
	}
	size := minor.BitLen()
	if minor.Sign() < 0 {
		size = new(big.Int).Not(minor).BitLen()
	}
	if size > 127 {
		return Amount{}, &Error{Status: StatusOverflow, Item: -1,
			Message: "the number needs more than 128 bits: amounts are signed 128-bit integers of minor units"}
	}
	lo := new(big.Int).And(minor, new(big.Int).SetUint64(^uint64(0)))
	return Amount{lo.Uint64(), new(big.Int).Rsh(minor, 64).Int64()}, nil
}

// ParseAmount reads a decimal such as "100.00" with at most scale decimals (0 to 18): more are refused, never rounded.
// Errors: StatusInvalidAmountText, StatusOverflow.
func ParseAmount(text string, scale uint32) (Amount, error) {
	if incompatible != nil {
		return Amount{}, incompatible
	}
	var out Amount
	var failed *C.qenex_error
	data, length := textOf(text)
	status := C.qenex_amount_parse(data, length, C.uint32_t(scale), out.c(), &failed)
	return out, errorOf(status, failed)
}

// Format writes the amount with exactly scale decimals (0 to 18): Units(-5).Format(2) is "-0.05". Error:
// StatusInvalidArgument, the scale is greater.
func (a Amount) Format(scale uint32) (string, error) {
	return format(func(buffer *C.char, size C.size_t, length *C.size_t, failed **C.qenex_error) C.qenex_status {
		return C.qenex_amount_format(a.c(), C.uint32_t(scale), buffer, size, length, failed)
	})
}

// Add gives a + b. Error: StatusOverflow.
func (a Amount) Add(b Amount) (Amount, error) {
	var failed *C.qenex_error
	status := C.qenex_amount_add(a.c(), b.c(), a.c(), &failed)
	return a, errorOf(status, failed)
}

// Sub gives a - b. Error: StatusOverflow.
func (a Amount) Sub(b Amount) (Amount, error) {
	var failed *C.qenex_error
	status := C.qenex_amount_subtract(a.c(), b.c(), a.c(), &failed)
	return a, errorOf(status, failed)
}

// Cmp gives -1, 0 or 1: a is less than, equal to, or greater than b.
func (a Amount) Cmp(b Amount) int {
	return int(C.qenex_amount_compare(a.c(), b.c()))
}

// Sign gives -1, 0 or 1.
func (a Amount) Sign() int {
	switch {
	case a.hi < 0:
		return -1
	case a.hi == 0 && a.lo == 0:
		return 0
	default:
		return 1
	}
}

// IsZero tells whether the amount is zero.
func (a Amount) IsZero() bool {
	return a == Amount{}
}

// Big gives the minor units as a new big.Int.
func (a Amount) Big() *big.Int {
	number := big.NewInt(a.hi)
	number.Lsh(number, 64)
	return number.Add(number, new(big.Int).SetUint64(a.lo))
}

// Int64 gives the minor units, and whether they fit.
func (a Amount) Int64() (int64, bool) {
	return int64(a.lo), a.hi == int64(a.lo)>>63
}

// String gives the minor units in decimal digits: Units(10000).String() is "10000". Format places the decimal point.
func (a Amount) String() string {
	return a.Big().String()
}

// MarshalText gives the minor units in decimal digits.
func (a Amount) MarshalText() ([]byte, error) {
	return []byte(a.String()), nil
}

// UnmarshalText reads minor units in decimal digits.
func (a *Amount) UnmarshalText(text []byte) error {
	read, err := ParseAmount(string(text), 0)
	if err == nil {
		*a = read
	}
	return err
}

func (a *Amount) c() *C.qenex_amount {
	return (*C.qenex_amount)(unsafe.Pointer(a))
}

var _ [unsafe.Sizeof(rawAmount{})]struct{} = [unsafe.Sizeof(Amount{})]struct{}{}

// format calls a function that writes a text into the caller's buffer, again with a larger one where it was too small.
func format(call func(*C.char, C.size_t, *C.size_t, **C.qenex_error) C.qenex_status) (string, error) {
	if incompatible != nil {
		return "", incompatible
	}
	size := C.size_t(64)
	for {
		buffer := make([]byte, size)
		var length C.size_t
		var failed *C.qenex_error
		status := call((*C.char)(unsafe.Pointer(&buffer[0])), size, &length, &failed)
		err := errorOf(status, failed)
		if Status(status) == StatusBufferTooSmall && length >= size {
			size = length + 1
			continue
		}
		if err != nil {
			return "", err
		}
		return string(buffer[:length]), nil
	}
}
