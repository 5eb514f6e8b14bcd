package qenex_test

// Runs the cases of tests/conformance through the public API of the package. See tests/conformance/README.md.

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	qenex "github.com/qenex/libqenex/bindings/go"
)

const suite = "../../tests/conformance"

type object = map[string]any

type testCase struct {
	Case  string
	Given string
	Raw   bool
	Steps []object
}

var api struct {
	Constants map[string]json.Number
	Functions map[string]any
}

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

func TestConformance(t *testing.T) {
	readJSON(t, filepath.Join(suite, "api.json"), &api)
	given := map[string][]object{}
	readJSON(t, filepath.Join(suite, "given.json"), &given)
	files, err := filepath.Glob(filepath.Join(suite, "cases", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases in %s: %v", suite, err)
	}
	sort.Strings(files)
	passed, failed, skipped := 0, 0, 0
	for _, file := range files {
		var cases []testCase
		readJSON(t, file, &cases)
		for _, one := range cases {
			if one.Raw {
				skipped++
				continue
			}
			steps := one.Steps
			if one.Given != "" {
				first, known := given[one.Given]
				if !known {
					t.Fatalf("%s: nothing is called %s in given.json", one.Case, one.Given)
				}
				steps = append(append([]object{}, first...), steps...)
			}
			if err := run(t.TempDir(), steps); err != nil {
				failed++
				t.Errorf("failed: %s: %v", one.Case, err)
			} else {
				passed++
				fmt.Println("passed:", one.Case)
			}
		}
	}
	for name := range api.Functions {
		// Errors and buffers are part of every answer.
		if strings.HasPrefix(name, "qenex_error_") || strings.HasPrefix(name, "qenex_buffer_") {
			continue
		}
		if calls[name] == nil {
			failed++
			t.Errorf("the runner does not know %s", name)
		}
	}
	fmt.Printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped)
}

// scene is a case while it runs.
type scene struct {
	folder      string
	engines     map[string]*qenex.Engine
	sessions    map[string]*qenex.Session
	lastEngine  string
	lastSession string
	saved       map[string]any
	tags        []uint64
}

// answer is what a call gave, by the names of the suite.
type answer map[string]any

// failure is a mistake in the suite or the runner, thrown as a panic from deep inside conversions.
type failure struct{ text string }

func fail(format string, arguments ...any) {
	panic(failure{fmt.Sprintf(format, arguments...)})
}

func run(folder string, steps []object) (err error) {
	s := &scene{folder: folder, engines: map[string]*qenex.Engine{}, sessions: map[string]*qenex.Session{}, saved: map[string]any{}}
	defer func() {
		if reason := recover(); reason != nil {
			stop, ours := reason.(failure)
			if !ours {
				panic(reason)
			}
			err = errors.New(stop.text)
		}
		also := func(failure error) {
			if err == nil {
				err = failure
			}
		}
		for _, session := range s.sessions {
			also(session.Close())
		}
		for _, engine := range s.engines {
			also(engine.Close())
		}
		if live := qenex.LiveCallbacks(); live != 0 {
			also(fmt.Errorf("%d callbacks were never given back", live))
		}
	}()
	for index, step := range steps {
		if err := s.step(step); err != nil {
			return fmt.Errorf("step %d, %v: %w", index, step["call"], err)
		}
	}
	return nil
}

func (s *scene) step(step object) error {
	for key := range step {
		switch key {
		case "call", "with", "as", "save", "expect":
		default:
			fail("the runner does not know the key %s", key)
		}
	}
	name := step["call"].(string)
	with, _ := step["with"].(object)
	expect, _ := step["expect"].(object)
	call, known := calls[name]
	if !known {
		fail("the runner does not know %s", name)
	}
	in := &input{scene: s, with: with, read: map[string]bool{"engine": true, "session": true}, as: "", expect: expect}
	in.as, _ = step["as"].(string)
	got, err := call(in)
	for key := range with {
		if !in.read[key] {
			fail("the runner did not use the input %s", key)
		}
	}
	if err := check(s, expect, got, err); err != nil {
		return err
	}
	saves, _ := step["save"].(object)
	for variable, of := range saves {
		value, found := got[of.(string)]
		if !found {
			fail("nothing is called %v in the answer", of)
		}
		s.saved[variable] = value
	}
	return nil
}

func check(s *scene, expect object, got answer, err error) error {
	wanted := "QENEX_OK"
	if named, given := expect["status"].(string); given {
		wanted = named
	}
	status := qenex.StatusOK
	var failed *qenex.Error
	if errors.As(err, &failed) {
		status = failed.Status
		if !errors.Is(err, status) || failed.Message == "" {
			return fmt.Errorf("an error without its status or a message: %v", err)
		}
	} else if err != nil {
		return err
	}
	for _, key := range []string{"results", "balances", "records"} {
		if anyRefused(got[key]) {
			status = qenex.StatusSomeRefused
		}
	}
	if status > 0 {
		status = qenex.StatusSomeRefused
	}
	if status.String() != wanted {
		return fmt.Errorf("status %v rather than %s: %v", status, wanted, err)
	}
	for key, value := range expect {
		switch key {
		case "status":
			if _, ok := value.(object); ok { // an answer of that name
				if err := s.compare(value, reflect.ValueOf(got["status"])); err != nil {
					return fmt.Errorf("%s: %w", key, err)
				}
			}
		case "error":
			if err := checkError(value.(object), failed); err != nil {
				return err
			}
		case "count":
			if count := reflect.ValueOf(got["records"]).Len(); int64(count) != int64(number(value)) {
				return fmt.Errorf("%d records rather than %v", count, value)
			}
		case "cursor":
			cursor, given := got["cursor"].([]byte)
			if !given || (len(cursor) > 0) != value.(bool) {
				return fmt.Errorf("cursor %v rather than %v", cursor, value)
			}
		default:
			actual, given := got[key]
			if !given {
				fail("the runner does not know the answer %s", key)
			}
			if err := s.compare(value, reflect.ValueOf(actual)); err != nil {
				return fmt.Errorf("%s: %w", key, err)
			}
		}
	}
	return nil
}

func checkError(expect object, failed *qenex.Error) error {
	if failed == nil {
		return errors.New("there is no error")
	}
	for key, value := range expect {
		switch key {
		case "item":
			if number(value) != uint64(failed.Item) {
				return fmt.Errorf("item %d rather than %v", failed.Item, value)
			}
		case "message":
			if !strings.Contains(failed.Message, value.(string)) {
				return fmt.Errorf("message %q has no %q", failed.Message, value)
			}
		case "sqlite":
			if number(value) != uint64(failed.SQLiteCode) {
				return fmt.Errorf("SQLite code %d rather than %v", failed.SQLiteCode, value)
			}
		default:
			fail("the runner does not know %s of an error", key)
		}
	}
	return nil
}

// anyRefused tells whether some item of an answer has a status of its own that is not OK.
func anyRefused(items any) bool {
	list := reflect.ValueOf(items)
	if !list.IsValid() || list.Kind() != reflect.Slice || list.Type().Elem().Kind() != reflect.Struct {
		return false
	}
	for index := 0; index < list.Len(); index++ {
		status := list.Index(index).FieldByName("Status")
		if status.IsValid() && status.Int() != 0 {
			return true
		}
	}
	return false
}

// compare compares what a case expects, which may leave fields out, with a value of the package.
func (s *scene) compare(expect any, actual reflect.Value) error {
	if condition, ok := expect.(object); ok && len(condition) == 1 {
		if least, ok := condition["above"]; ok {
			if number(s.plain(actual)) > number(least) {
				return nil
			}
			return fmt.Errorf("%v is not above %v", actual, least)
		}
		if part, ok := condition["contains"]; ok {
			if strings.Contains(actual.String(), part.(string)) {
				return nil
			}
			return fmt.Errorf("%q has no %q", actual, part)
		}
		if _, ok := condition["any"]; ok {
			if actual.IsZero() {
				return errors.New("none rather than any")
			}
			return nil
		}
	}
	switch value := actual.Interface().(type) {
	case qenex.ID, qenex.Amount, qenex.Date, time.Time, qenex.Status, []byte, [16]byte, [32]byte:
		wanted := reflect.New(actual.Type()).Elem()
		s.set(wanted, expect)
		if wanted.Interface() != nil && !reflect.DeepEqual(wanted.Interface(), value) {
			return fmt.Errorf("%v rather than %v", value, expect)
		}
		return nil
	}
	switch actual.Kind() {
	case reflect.Struct:
		fields, ok := expect.(object)
		if !ok {
			fail("%v is not an object", expect)
		}
		for name, value := range fields {
			if counted := counts[name]; counted != "" {
				if items := actual.FieldByName(counted); uint64(items.Len()) != number(value) {
					return fmt.Errorf("%d %s rather than %v", items.Len(), counted, value)
				}
				continue
			}
			field := actual.FieldByName(goName(name))
			if !field.IsValid() {
				fail("%v has no field %s", actual.Type(), name)
			}
			if err := s.compare(value, field); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		return nil
	case reflect.Slice:
		items, ok := expect.([]any)
		if !ok {
			fail("%v is not an array", expect)
		}
		if len(items) != actual.Len() {
			return fmt.Errorf("%d items rather than %d: %v", actual.Len(), len(items), actual)
		}
		for index, item := range items {
			if err := s.compare(item, actual.Index(index)); err != nil {
				return fmt.Errorf("item %d: %w", index, err)
			}
		}
		return nil
	default:
		wanted := reflect.New(actual.Type()).Elem()
		s.set(wanted, expect)
		if wanted.Interface() != actual.Interface() {
			return fmt.Errorf("%v rather than %v", actual, expect)
		}
		return nil
	}
}

// counts are fields that in Go are the length of a slice.
var counts = map[string]string{"text_count": "Texts", "holiday_count": "Holidays"}

// plain gives a number as the suite writes it.
func (s *scene) plain(value reflect.Value) json.Number {
	switch value.Kind() {
	case reflect.Int, reflect.Int32, reflect.Int64:
		return json.Number(strconv.FormatInt(value.Int(), 10))
	case reflect.Uint32, reflect.Uint64:
		return json.Number(strconv.FormatUint(value.Uint(), 10))
	}
	if when, ok := value.Interface().(time.Time); ok {
		return json.Number(strconv.FormatInt(when.UnixMicro(), 10))
	}
	fail("%v is no number", value)
	return ""
}

// set gives a value of the package the value of a case.
func (s *scene) set(into reflect.Value, value any) {
	switch into.Interface().(type) {
	case qenex.ID:
		into.Set(reflect.ValueOf(s.id(value.(string))))
		return
	case qenex.Amount:
		// Minor units are digits; what needs more than 128 bits is not an input of this package.
		amount, err := qenex.ParseAmount(value.(string), 0)
		if err != nil {
			fail("%v", err)
		}
		into.Set(reflect.ValueOf(amount))
		return
	case qenex.Date:
		if text, ok := value.(string); ok {
			var year, month, day int
			if _, err := fmt.Sscanf(text, "%d-%d-%d", &year, &month, &day); err != nil {
				fail("%s: %v", text, err)
			}
			into.SetInt(int64(year*10000 + month*100 + day))
		} else {
			into.SetInt(int64(number(value)))
		}
		return
	case time.Time:
		if text, ok := value.(string); ok {
			when, err := time.Parse(time.RFC3339Nano, text)
			if err != nil {
				fail("%v", err)
			}
			into.Set(reflect.ValueOf(when.UTC()))
		} else if microseconds := int64(number(value)); microseconds != 0 {
			into.Set(reflect.ValueOf(time.UnixMicro(microseconds).UTC()))
		}
		return
	case []byte:
		if name, ok := value.(string); ok && strings.HasPrefix(name, "$") {
			cursor, ok := s.saved[name[1:]].([]byte)
			if !ok {
				fail("no cursor was saved as %s", name)
			}
			into.SetBytes(cursor)
			return
		}
		into.SetBytes(contents(value))
		return
	}
	switch into.Kind() {
	case reflect.Struct:
		for name, value := range value.(object) {
			field := into.FieldByName(goName(name))
			if !field.IsValid() {
				fail("%v has no field %s", into.Type(), name)
			}
			s.set(field, value)
		}
	case reflect.Array:
		data, err := hex.DecodeString(value.(string))
		if err != nil || len(data) != into.Len() {
			fail("%v is not %d bytes", value, into.Len())
		}
		reflect.Copy(into, reflect.ValueOf(data))
	case reflect.Slice:
		items, ok := value.([]any)
		if !ok {
			fail("%v is not an array", value)
		}
		into.Set(reflect.MakeSlice(into.Type(), len(items), len(items)))
		for index, item := range items {
			s.set(into.Index(index), item)
		}
	case reflect.String:
		into.SetString(string(contents(value)))
	case reflect.Bool:
		into.SetBool(number(value) != 0)
	case reflect.Int, reflect.Int32, reflect.Int64:
		into.SetInt(int64(number(value)))
	case reflect.Uint32, reflect.Uint64:
		into.SetUint(number(value))
	default:
		fail("the runner cannot set a %v", into.Type())
	}
}

func contents(value any) []byte {
	if text, ok := value.(string); ok {
		return []byte(text)
	}
	data, err := hex.DecodeString(value.(object)["hex"].(string))
	if err != nil {
		fail("%v", err)
	}
	return data
}

// number gives a number, a constant, or flags together.
func number(value any) uint64 {
	switch value := value.(type) {
	case json.Number:
		if signed, err := strconv.ParseInt(value.String(), 10, 64); err == nil {
			return uint64(signed)
		}
		unsigned, err := strconv.ParseUint(value.String(), 10, 64)
		if err != nil {
			fail("%v", err)
		}
		return unsigned
	case string:
		constant, known := api.Constants[value]
		if !known {
			fail("no constant is called %s", value)
		}
		return number(constant)
	case []any:
		var flags uint64
		for _, name := range value {
			flags |= number(name)
		}
		return flags
	default:
		fail("%v is no number", value)
		return 0
	}
}

func (s *scene) id(text string) (id qenex.ID) {
	switch {
	case text == "none":
	case text == "reserved":
		copy(id[:], bytes.Repeat([]byte{0xff}, len(id)))
	case strings.HasPrefix(text, "@"):
		if copy(id[:], text) < len(text) {
			fail("%s is longer than an id", text)
		}
	case strings.HasPrefix(text, "$"):
		saved, ok := s.saved[text[1:]].(qenex.ID)
		if !ok {
			fail("nothing was saved as %s", text)
		}
		return saved
	default:
		parsed, err := qenex.ParseID(text)
		if err != nil {
			fail("%v", err)
		}
		return parsed
	}
	return id
}

func goName(name string) string {
	var words strings.Builder
	for _, word := range strings.Split(name, "_") {
		switch word {
		case "abi", "csv", "gl", "id", "io", "ok", "utf8", "wal":
			words.WriteString(strings.ToUpper(word))
		default:
			words.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return words.String()
}

var background = context.Background()
