package qenex

// Ids, dates, times and currencies.

// #include <qenex.h>
import "C"

import (
	"time"
	"unsafe"
)

// ID is an id or idempotency key: 128 bits in network order. The zero value means none.
type ID [16]byte

// NewID makes an id: a UUID of version 7, greater than every one made before in this process.
func NewID() (ID, error) {
	if incompatible != nil {
		return ID{}, incompatible
	}
	var id ID
	var failed *C.qenex_error
	status := C.qenex_id_new(id.c(), &failed)
	return id, errorOf(status, failed)
}

// ParseID reads 32 hexadecimal digits, plain or as 8-4-4-4-12. Error: StatusInvalidArgument.
func ParseID(text string) (ID, error) {
	if incompatible != nil {
		return ID{}, incompatible
	}
	var id ID
	var failed *C.qenex_error
	data, length := textOf(text)
	status := C.qenex_id_parse(data, length, id.c(), &failed)
	return id, errorOf(status, failed)
}

// String writes the id as a UUID in lower case.
func (id ID) String() string {
	text, err := format(func(buffer *C.char, size C.size_t, length *C.size_t, failed **C.qenex_error) C.qenex_status {
		return C.qenex_id_format(id.c(), buffer, size, length, failed)
	})
	if err != nil {
		return err.Error()
	}
	return text
}

// IsZero tells whether the id is none.
func (id ID) IsZero() bool {
	return id == ID{}
}

// MarshalText gives the UUID.
func (id ID) MarshalText() ([]byte, error) {
	return []byte(id.String()), nil
}

// UnmarshalText reads what ParseID reads.
func (id *ID) UnmarshalText(text []byte) error {
	read, err := ParseID(string(text))
	if err == nil {
		*id = read
	}
	return err
}

func (id *ID) c() *C.qenex_id {
	return (*C.qenex_id)(unsafe.Pointer(id))
}

// orNil gives nil for the id none, where the library makes one.
func (id *ID) orNil() *C.qenex_id {
	if id.IsZero() {
		return nil
	}
	return id.c()
}

// Date is a day of the calendar as the number YYYYMMDD: 20240131 is 31 January 2024. The zero value is none, or the
// default. Dates compare with < and >.
type Date int32

// NewDate makes a date; one that is not in the calendar, or outside the years 1 to 9999, is refused where it is used
// (StatusDateInvalid).
func NewDate(year int, month time.Month, day int) Date {
	if year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31 {
		return -1
	}
	return Date(year*10000 + int(month)*100 + day)
}

// DateOf gives the day of a time in the time's own location.
func DateOf(t time.Time) Date {
	return NewDate(t.Date())
}

// ParseDate reads YYYY-MM-DD. Error: StatusInvalidDate.
func ParseDate(text string) (Date, error) {
	if incompatible != nil {
		return 0, incompatible
	}
	var out C.qenex_date
	var failed *C.qenex_error
	data, length := textOf(text)
	status := C.qenex_date_parse(data, length, &out, &failed)
	return Date(out), errorOf(status, failed)
}

// Format writes the date as YYYY-MM-DD. Error: StatusInvalidDate.
func (d Date) Format() (string, error) {
	return format(func(buffer *C.char, size C.size_t, length *C.size_t, failed **C.qenex_error) C.qenex_status {
		return C.qenex_date_format(C.qenex_date(d), buffer, size, length, failed)
	})
}

// String writes the date as YYYY-MM-DD, "none" for the zero value, and says so when it is no date.
func (d Date) String() string {
	if d == 0 {
		return "none"
	}
	text, err := d.Format()
	if err != nil {
		return err.Error()
	}
	return text
}

// AddDays gives the date days later, or earlier. Error: StatusInvalidDate, also when it leaves the years 1 to 9999.
func (d Date) AddDays(days int32) (Date, error) {
	if incompatible != nil {
		return 0, incompatible
	}
	var out C.qenex_date
	var failed *C.qenex_error
	status := C.qenex_date_add_days(C.qenex_date(d), C.int32_t(days), &out, &failed)
	return Date(out), errorOf(status, failed)
}

// Year, Month and Day give the parts.
func (d Date) Year() int { return int(d) / 10000 }

// Month gives the month.
func (d Date) Month() time.Month { return time.Month(int(d) / 100 % 100) }

// Day gives the day of the month.
func (d Date) Day() int { return int(d) % 100 }

// Time gives midnight of the day in a location.
func (d Date) Time(location *time.Location) time.Time {
	return time.Date(d.Year(), d.Month(), d.Day(), 0, 0, 0, 0, location)
}

// Now gives the time of the system's clock as the library sees it, in microseconds.
func Now() time.Time {
	return time.UnixMicro(int64(C.qenex_time_now())).UTC()
}

// ParseTime reads "2024-01-31T12:00:00Z", with up to six decimals of the second. Error: StatusInvalidDate.
func ParseTime(text string) (time.Time, error) {
	if incompatible != nil {
		return time.Time{}, incompatible
	}
	var out C.qenex_time
	var failed *C.qenex_error
	data, length := textOf(text)
	status := C.qenex_time_parse(data, length, &out, &failed)
	if err := errorOf(status, failed); err != nil {
		return time.Time{}, err
	}
	return time.UnixMicro(int64(out)).UTC(), nil
}

// FormatTime writes a time as the library writes it: "2024-01-31T12:00:00.000000Z". Error: StatusInvalidDate.
func FormatTime(t time.Time) (string, error) {
	return format(func(buffer *C.char, size C.size_t, length *C.size_t, failed **C.qenex_error) C.qenex_status {
		return C.qenex_time_format(C.qenex_time(micros(t)), buffer, size, length, failed)
	})
}

// CurrencyByCode finds a currency of ISO 4217, active or withdrawn. Error: StatusUnknownCurrency.
func CurrencyByCode(code string) (Currency, error) {
	if incompatible != nil {
		return Currency{}, incompatible
	}
	var raw rawCurrency
	var failed *C.qenex_error
	data, length := textOf(code)
	status := C.qenex_currency_by_code(data, length, (*C.qenex_currency)(unsafe.Pointer(&raw)), &failed)
	return read(&raw, (*rawCurrency).decode), errorOf(status, failed)
}

// CurrencyByNumber finds a currency of ISO 4217 by its number: the active one, else the one withdrawn last. Error:
// StatusUnknownCurrency.
func CurrencyByNumber(number uint32) (Currency, error) {
	if incompatible != nil {
		return Currency{}, incompatible
	}
	var raw rawCurrency
	var failed *C.qenex_error
	status := C.qenex_currency_by_number(C.uint32_t(number), (*C.qenex_currency)(unsafe.Pointer(&raw)), &failed)
	return read(&raw, (*rawCurrency).decode), errorOf(status, failed)
}
