package qenex_test

// What the runner of the conformance suite calls for each function of C.

import (
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"sort"
	"strings"
	"time"

	qenex "github.com/qenex/libqenex/bindings/go"
)

// input is what a step gives; what was not read in the end is an error.
type input struct {
	scene  *scene
	with   object
	expect object
	as     string
	read   map[string]bool
}

// get reads an input as a value of the package; left out: zero.
func get[T any](in *input, name string) (value T) {
	in.read[name] = true
	if given, ok := in.with[name]; ok && given != nil {
		in.scene.set(reflect.ValueOf(&value).Elem(), given)
	}
	return value
}

// list reads an array.
func list[T any](in *input, name string) []T {
	in.read[name] = true
	given, _ := in.with[name].([]any)
	values := make([]T, len(given))
	for index, value := range given {
		in.scene.set(reflect.ValueOf(&values[index]).Elem(), value)
	}
	return values
}

// some reads a record that may be left out.
func some[T any](in *input, name string) *T {
	if in.with[name] == nil {
		return nil
	}
	value := get[T](in, name)
	return &value
}

func (in *input) path(name string) string {
	path := get[string](in, name)
	if strings.HasPrefix(path, "%/") {
		return filepath.Join(in.scene.folder, path[len("%/"):])
	}
	return path
}

func (in *input) session() *qenex.Session {
	name := in.scene.lastSession
	if given, ok := in.with["session"].(string); ok {
		name = given
	}
	session, ok := in.scene.sessions[name]
	if !ok {
		fail("no session is called %q", name)
	}
	return session
}

func (in *input) engine() *qenex.Engine {
	name := in.scene.lastEngine
	if given, ok := in.with["engine"].(string); ok {
		name = given
	}
	engine, ok := in.scene.engines[name]
	if !ok {
		fail("no engine is called %q", name)
	}
	return engine
}

func (in *input) options() *qenex.ExecuteOptions {
	return some[qenex.ExecuteOptions](in, "options")
}

// as gives an answer its name.
func as[T any](name string, value T, err error) (answer, error) {
	return answer{name: value}, err
}

type call = func(*input) (answer, error)

// bulk calls a method for commands of one kind.
func bulk[T any](name string, method func(*qenex.Session, context.Context, []T, *qenex.ExecuteOptions) (qenex.Results, error)) call {
	return func(in *input) (answer, error) {
		results, err := method(in.session(), background, list[T](in, name), in.options())
		return as("results", []qenex.Result(results), err)
	}
}

// records calls a query.
func records[T any](query func(*input) ([]T, error)) call {
	return func(in *input) (answer, error) {
		found, err := query(in)
		return as("records", found, err)
	}
}

var commandTypes = map[string]reflect.Type{}

func init() {
	for _, command := range []qenex.Command{
		qenex.Entity{}, qenex.Asset{}, qenex.Account{}, qenex.AccountNumber{}, qenex.AccountBlock{}, qenex.AccountLimit{},
		qenex.AccountClose{}, qenex.Transfer{}, qenex.Hold{}, qenex.HoldIncrease{}, qenex.HoldCapture{},
		qenex.HoldRelease{}, qenex.Reversal{}, qenex.BusinessDate{}, qenex.PeriodClose{}, qenex.HostRecord{},
		qenex.TimeAdvance{}, qenex.Calendar{}, qenex.EntityRules{}, qenex.Schedule{}, qenex.ScheduleCancel{}, qenex.DayEnd{},
		qenex.YearEnd{}, qenex.AccountOwner{}, qenex.Reactivation{}, qenex.Position{}, qenex.Exchange{}, qenex.Revaluation{},
		qenex.Split{}, qenex.Accrual{}, qenex.AccrualPost{}, qenex.StatementCut{}, qenex.GLCode{}, qenex.GLAssignment{},
		qenex.ImportBegin{}, qenex.ImportTransfer{}, qenex.ImportProof{}, qenex.GoLive{}, qenex.Retention{},
	} {
		kind := reflect.TypeOf(command)
		commandTypes[kind.Name()] = kind
	}
}

func (in *input) command(kind string, record any) qenex.Command {
	name := goName(strings.ToLower(strings.TrimPrefix(kind, "QENEX_COMMAND_")))
	known, ok := commandTypes[name]
	if !ok {
		fail("the runner does not know the command %s", kind)
	}
	value := reflect.New(known).Elem()
	in.scene.set(value, record)
	return value.Interface().(qenex.Command)
}

func (in *input) commands(name string) []qenex.Command {
	in.read[name] = true
	var commands []qenex.Command
	for _, item := range in.with[name].([]any) {
		commands = append(commands, in.command(item.(object)["kind"].(string), item.(object)["record"]))
	}
	return commands
}

func post[T qenex.Command](in *input, commands []T, tag uint64) error {
	return qenex.Post(background, in.session(), commands, tag, in.options())
}

func submit(in *input) (answer, error) {
	tag := get[uint64](in, "tag")
	in.scene.tags = append(in.scene.tags, tag)
	kind := in.with["kind"].(string)
	in.read["kind"] = true
	switch kind {
	case "QENEX_COMMAND_MIXED":
		return nil, post(in, in.commands("records"), tag)
	case "QENEX_COMMAND_TRANSFER":
		return nil, post(in, list[qenex.Transfer](in, "records"), tag)
	}
	// Any other kind: as a slice of its own type, which only reflection knows, it goes mixed.
	return nil, post(in, in.commandsOf(kind), tag)
}

func (in *input) commandsOf(kind string) []qenex.Command {
	in.read["records"] = true
	var commands []qenex.Command
	for _, record := range in.with["records"].([]any) {
		commands = append(commands, in.command(kind, record))
	}
	return commands
}

func collect(in *input) (answer, error) {
	timeout := time.Duration(get[uint32](in, "timeout_ms")) * time.Millisecond
	most := int(get[uint64](in, "max"))
	wanted, _ := in.expect["completions"].([]any)
	var found []qenex.Completion
	for {
		completions, err := in.engine().Collect(timeout, most)
		if err != nil {
			return nil, err
		}
		found = append(found, completions...)
		if len(found) >= len(wanted) {
			break
		}
	}
	order := map[uint64]int{}
	for index, tag := range in.scene.tags {
		order[tag] = index
	}
	sort.SliceStable(found, func(a, b int) bool { return order[found[a].Tag] < order[found[b].Tag] })
	return as("completions", found, nil)
}

func open(in *input) (answer, error) {
	given, _ := in.with["options"].(object)
	in.read["options"] = true
	var options qenex.Options
	fields := object{}
	for name, value := range given {
		switch name {
		case "path":
			options.Path = (&input{scene: in.scene, with: given, read: map[string]bool{}}).path("path")
		case "log":
			options.Log = func(message qenex.LogMessage) {
				if message.Level == 0 || message.Target == "" || message.Text == "" {
					panic("an empty message")
				}
			}
		case "clock":
			var told time.Time
			in.scene.set(reflect.ValueOf(&told).Elem(), value)
			options.Clock = func() time.Time { return told }
		case "busy_timeout_ms":
			options.BusyTimeout = time.Duration(number(value)) * time.Millisecond
		case "reader_age_limit_ms":
			options.ReaderAgeLimit = time.Duration(number(value)) * time.Millisecond
		case "page_cache_kib":
			options.PageCacheKiB = uint32(number(value))
		case "wal_limit_bytes":
			options.WALLimitBytes = number(value)
		default:
			fields[name] = value
		}
	}
	in.scene.set(reflect.ValueOf(&options).Elem(), fields)
	engine, err := qenex.Open(options)
	if err == nil {
		in.scene.engines[in.as], in.scene.lastEngine = engine, in.as
	}
	return nil, err
}

func openSession(in *input) (answer, error) {
	session, err := in.engine().SessionOnBehalfOf(get[string](in, "principal"), get[string](in, "on_behalf_of"))
	if err == nil {
		in.scene.sessions[in.as], in.scene.lastSession = session, in.as
	}
	return nil, err
}

func statement(in *input) (answer, error) {
	page, err := in.session().Statement(background, get[qenex.AccountKey](in, "key"), get[qenex.StatementOptions](in, "options"))
	return answer{"records": page.Lines, "cursor": page.Cursor}, err
}

func find(in *input) (answer, error) {
	page, err := in.session().FindTransfers(background, get[qenex.TransferFilter](in, "filter"))
	return answer{"records": page.Transfers, "cursor": page.Cursor}, err
}

func daily(in *input) (answer, error) {
	page, err := in.session().DailyBalances(background, list[qenex.AccountKey](in, "keys"), qenex.DailyOptions{
		From: get[qenex.Date](in, "from"), To: get[qenex.Date](in, "to"), ByBookingDate: get[bool](in, "by_booking_date"),
		Limit: get[uint32](in, "limit"), Cursor: get[[]byte](in, "cursor")})
	return answer{"records": page.Balances, "cursor": page.Cursor}, err
}

func journal(in *input) (answer, error) {
	page, err := in.session().GLJournal(background, qenex.JournalOptions{Entity: get[uint32](in, "entity"),
		From: get[qenex.Date](in, "from"), To: get[qenex.Date](in, "to"), Format: get[qenex.Journal](in, "format"),
		Limit: get[uint32](in, "limit"), Cursor: get[[]byte](in, "cursor")})
	return answer{"text": page.Text, "cursor": page.Cursor}, err
}

func notify(in *input) (answer, error) {
	told := make(chan qenex.Completion, 1)
	kind := in.with["kind"].(string)
	in.read["kind"], in.read["records"] = true, true
	var err error
	tell := func(completion qenex.Completion) { told <- completion }
	if kind == "QENEX_COMMAND_MIXED" {
		err = qenex.SubmitFunc(background, in.session(), in.commands("records"), tell, in.options())
	} else {
		err = qenex.SubmitFunc(background, in.session(), in.commandsOf(kind), tell, in.options())
	}
	if err != nil {
		return nil, err
	}
	select {
	case completion := <-told:
		if (completion.Err() == nil) != (completion.Status >= 0) {
			fail("the completion's error is %v", completion.Err())
		}
		return as("completion", completion, nil)
	case <-time.After(time.Minute):
		fail("nothing was told within a minute")
		return nil, nil
	}
}

func feedApply(in *input) (answer, error) {
	in.read["entries"] = true
	entries, saved := in.scene.saved[strings.TrimPrefix(in.with["entries"].(string), "$")].([]qenex.FeedEntry)
	if !saved {
		fail("no records of a feed were saved as %v", in.with["entries"])
	}
	return nil, in.engine().ApplyFeed(entries)
}

func issue(in *input) (answer, error) {
	statement, lines, err := in.session().IssueStatement(background, get[qenex.AccountKey](in, "key"),
		get[uint32](in, "number"), get[uint64](in, "skip"), get[uint32](in, "limit"))
	return answer{"statement": statement, "records": lines}, err
}

// one calls for one result.
func one(method func(*input) (qenex.Result, error)) call {
	return func(in *input) (answer, error) {
		result, err := method(in)
		return as("result", result, err)
	}
}

func backup(in *input) (answer, error) {
	in.read["progress"] = true
	stop := errors.New("enough")
	var tell func(done, total uint64) error
	switch in.with["progress"] {
	case nil:
	case "continue":
		tell = func(uint64, uint64) error { return nil }
	case "stop":
		tell = func(uint64, uint64) error { return stop }
	default:
		fail("the runner does not know the progress %v", in.with["progress"])
	}
	err := in.engine().Backup(in.path("path"), tell)
	if in.with["progress"] == "stop" && !errors.Is(err, stop) {
		fail("the reason to stop was lost: %v", err)
	}
	return nil, err
}

func hasFeature(in *input) (answer, error) {
	found := uint32(0)
	if qenex.HasFeature(get[string](in, "name")) {
		found = 1
	}
	return as("returns", found, nil)
}

var calls = map[string]call{
	"qenex_version":     func(*input) (answer, error) { return as("returns", qenex.LibraryVersion(), nil) },
	"qenex_abi_version": func(*input) (answer, error) { return as("returns", qenex.LibraryABIVersion(), nil) },
	"qenex_has_feature": hasFeature,
	"qenex_id_new": func(*input) (answer, error) {
		id, err := qenex.NewID()
		return as("id", id, err)
	},
	"qenex_id_parse": func(in *input) (answer, error) {
		id, err := qenex.ParseID(get[string](in, "text"))
		return as("id", id, err)
	},
	"qenex_id_format": func(in *input) (answer, error) { return as("text", get[qenex.ID](in, "id").String(), nil) },
	"qenex_time_now":  func(*input) (answer, error) { return as("returns", qenex.Now(), nil) },
	"qenex_time_parse": func(in *input) (answer, error) {
		when, err := qenex.ParseTime(get[string](in, "text"))
		return as("time", when, err)
	},
	"qenex_time_format": func(in *input) (answer, error) {
		text, err := qenex.FormatTime(get[time.Time](in, "time"))
		return as("text", text, err)
	},
	"qenex_currency_by_code": func(in *input) (answer, error) {
		currency, err := qenex.CurrencyByCode(get[string](in, "code"))
		return as("currency", currency, err)
	},
	"qenex_currency_by_number": func(in *input) (answer, error) {
		currency, err := qenex.CurrencyByNumber(get[uint32](in, "number"))
		return as("currency", currency, err)
	},
	"qenex_amount_parse": func(in *input) (answer, error) {
		amount, err := qenex.ParseAmount(get[string](in, "text"), get[uint32](in, "scale"))
		return as("amount", amount, err)
	},
	"qenex_amount_format": func(in *input) (answer, error) {
		text, err := get[qenex.Amount](in, "amount").Format(get[uint32](in, "scale"))
		return as("text", text, err)
	},
	"qenex_amount_add": func(in *input) (answer, error) {
		sum, err := get[qenex.Amount](in, "a").Add(get[qenex.Amount](in, "b"))
		return as("sum", sum, err)
	},
	"qenex_amount_subtract": func(in *input) (answer, error) {
		difference, err := get[qenex.Amount](in, "a").Sub(get[qenex.Amount](in, "b"))
		return as("difference", difference, err)
	},
	"qenex_amount_compare": func(in *input) (answer, error) {
		return as("returns", get[qenex.Amount](in, "a").Cmp(get[qenex.Amount](in, "b")), nil)
	},
	"qenex_date_parse": func(in *input) (answer, error) {
		date, err := qenex.ParseDate(get[string](in, "text"))
		return as("date", date, err)
	},
	"qenex_date_format": func(in *input) (answer, error) {
		text, err := get[qenex.Date](in, "date").Format()
		return as("text", text, err)
	},
	"qenex_date_add_days": func(in *input) (answer, error) {
		date, err := get[qenex.Date](in, "date").AddDays(get[int32](in, "days"))
		return as("date", date, err)
	},
	"qenex_status_name": func(in *input) (answer, error) {
		return as("returns", qenex.StatusName(get[qenex.Status](in, "status")), nil)
	},
	"qenex_status_explanation": func(in *input) (answer, error) {
		return as("returns", qenex.StatusExplanation(get[qenex.Status](in, "status")), nil)
	},
	"qenex_open":         open,
	"qenex_close":        func(in *input) (answer, error) { return nil, in.engine().Close() },
	"qenex_session_open": openSession,
	"qenex_session_free": func(in *input) (answer, error) { return nil, in.session().Close() },
	"qenex_execute": func(in *input) (answer, error) {
		results, err := in.session().Execute(background, in.commands("commands"), in.options())
		return as("results", []qenex.Result(results), err)
	},
	"qenex_transfers_create":    bulk("transfers", (*qenex.Session).CreateTransfers),
	"qenex_transfers_reverse":   bulk("reversals", (*qenex.Session).ReverseTransfers),
	"qenex_holds_place":         bulk("holds", (*qenex.Session).PlaceHolds),
	"qenex_holds_increase":      bulk("increases", (*qenex.Session).IncreaseHolds),
	"qenex_holds_capture":       bulk("captures", (*qenex.Session).CaptureHolds),
	"qenex_holds_release":       bulk("releases", (*qenex.Session).ReleaseHolds),
	"qenex_entities_create":     bulk("entities", (*qenex.Session).CreateEntities),
	"qenex_assets_create":       bulk("assets", (*qenex.Session).CreateAssets),
	"qenex_accounts_open":       bulk("accounts", (*qenex.Session).OpenAccounts),
	"qenex_account_numbers_set": bulk("numbers", (*qenex.Session).SetAccountNumbers),
	"qenex_account_blocks_set":  bulk("blocks", (*qenex.Session).SetAccountBlocks),
	"qenex_account_limits_set":  bulk("limits", (*qenex.Session).SetAccountLimits),
	"qenex_accounts_close":      bulk("accounts", (*qenex.Session).CloseAccounts),
	"qenex_business_dates_roll": bulk("dates", (*qenex.Session).RollBusinessDates),
	"qenex_periods_close":       bulk("periods", (*qenex.Session).ClosePeriods),
	"qenex_host_records_put":    bulk("host_records", (*qenex.Session).PutHostRecords),
	"qenex_time_advance_to": func(in *input) (answer, error) {
		result, err := in.session().AdvanceTime(background, get[time.Time](in, "to"), in.options())
		return as("result", result, err)
	},
	"qenex_submit":  submit,
	"qenex_collect": collect,
	"qenex_balances_get": func(in *input) (answer, error) {
		balances, err := in.session().Balances(background, list[qenex.AccountKey](in, "keys"), some[qenex.AsOfOptions](in, "as_of"))
		return as("balances", balances, err)
	},
	"qenex_balance_hierarchy": func(in *input) (answer, error) {
		balance, err := in.session().BalanceOfHierarchy(background, get[qenex.AccountKey](in, "key"))
		return as("balance", balance, err)
	},
	"qenex_accounts_get": records(func(in *input) ([]qenex.AccountRecord, error) {
		return in.session().Accounts(background, list[qenex.AccountKey](in, "keys"))
	}),
	"qenex_accounts_list": records(func(in *input) ([]qenex.AccountRecord, error) {
		return in.session().AccountPage(background, get[qenex.ID](in, "parent"), get[uint64](in, "after"), get[uint32](in, "limit"))
	}),
	"qenex_entities_list": records(func(in *input) ([]qenex.EntityRecord, error) { return in.session().Entities(background) }),
	"qenex_assets_list":   records(func(in *input) ([]qenex.AssetRecord, error) { return in.session().Assets(background) }),
	"qenex_host_record_get": records(func(in *input) ([]qenex.HostValue, error) {
		value, err := in.session().HostRecord(background, get[string](in, "name_space"), get[[]byte](in, "record"))
		return []qenex.HostValue{value}, err
	}),
	"qenex_trial_balance": records(func(in *input) ([]qenex.TrialLine, error) {
		return in.session().TrialBalance(background, get[uint32](in, "entity"))
	}),
	"qenex_transfers_get": records(func(in *input) ([]qenex.TransferRecord, error) {
		return in.session().Transfers(background, list[qenex.ID](in, "ids"))
	}),
	"qenex_transaction_get": records(func(in *input) ([]qenex.TransferRecord, error) {
		return in.session().Transaction(background, get[qenex.ID](in, "id"))
	}),
	"qenex_transfers_by_reference": records(func(in *input) ([]qenex.TransferRecord, error) {
		return in.session().TransfersByReference(background, get[string](in, "reference"))
	}),
	"qenex_transfers_find": find,
	"qenex_statement_get":  statement,
	"qenex_holds_get": records(func(in *input) ([]qenex.HoldRecord, error) {
		return in.session().Holds(background, list[qenex.ID](in, "ids"))
	}),
	"qenex_holds_list": records(func(in *input) ([]qenex.HoldRecord, error) {
		return in.session().HoldPage(background, get[qenex.ID](in, "account"), get[uint64](in, "after"), get[uint32](in, "limit"))
	}),
	"qenex_feed_read": records(func(in *input) ([]qenex.FeedEntry, error) {
		return in.session().Feed(background, get[uint64](in, "after"), get[uint32](in, "limit"))
	}),
	"qenex_sequence_get": func(in *input) (answer, error) {
		sequence, err := in.session().Sequence(background)
		return as("sequence", sequence, err)
	},
	"qenex_stats_get": func(in *input) (answer, error) {
		stats, err := in.engine().Stats()
		return as("stats", stats, err)
	},
	"qenex_backup":  backup,
	"qenex_restore": func(in *input) (answer, error) { return nil, qenex.Restore(in.path("backup"), in.path("target")) },
	"qenex_upgrade": func(in *input) (answer, error) {
		from, to, err := qenex.Upgrade(in.path("path"), get[int32](in, "dry_run") != 0)
		return answer{"from": from, "to": to}, err
	},
	"qenex_integrity_check": func(in *input) (answer, error) {
		found, err := in.engine().IntegrityCheck()
		return as("records", found, err)
	},
	"qenex_state_hash": func(in *input) (answer, error) {
		hash, err := in.engine().StateHash()
		return as("hash", hash, err)
	},
	"qenex_support_bundle": func(in *input) (answer, error) {
		text, err := in.engine().SupportBundle()
		return as("text", text, err)
	},
	"qenex_account_open_simple": func(in *input) (answer, error) {
		result, err := in.session().OpenAccount(background, get[string](in, "number"), get[string](in, "currency"),
			get[string](in, "opening_balance"))
		return as("result", result, err)
	},
	"qenex_transfer_simple": func(in *input) (answer, error) {
		result, err := in.session().TransferOnce(background, get[qenex.ID](in, "id"), get[string](in, "from"),
			get[string](in, "to"), get[string](in, "amount"), get[string](in, "currency"))
		return as("result", result, err)
	},
	"qenex_balance_text": func(in *input) (answer, error) {
		text, err := in.session().Balance(background, get[string](in, "number"), get[string](in, "currency"))
		return as("text", text, err)
	},
	"qenex_asset_number": func(in *input) (answer, error) {
		number, err := in.session().AssetNumber(background, get[string](in, "code"))
		return as("number", number, err)
	},
	"qenex_submit_notify":  notify,
	"qenex_feed_apply":     feedApply,
	"qenex_rebuild_caches": func(in *input) (answer, error) { return nil, qenex.RebuildCaches(in.path("path")) },
	"qenex_sequence_at": func(in *input) (answer, error) {
		sequence, err := in.session().SequenceAt(background, get[time.Time](in, "time"))
		return as("sequence", sequence, err)
	},
	"qenex_trial_balance_as_of": records(func(in *input) ([]qenex.TrialLine, error) {
		return in.session().TrialBalanceAsOf(background, get[uint32](in, "entity"), get[qenex.AsOfOptions](in, "as_of"))
	}),
	"qenex_account_numbers_list": records(func(in *input) ([]qenex.AccountNumberRecord, error) {
		return in.session().AccountNumbers(background, get[qenex.AccountKey](in, "key"), get[uint64](in, "after"), get[uint32](in, "limit"))
	}),
	"qenex_account_limits_list": records(func(in *input) ([]qenex.AccountLimitRecord, error) {
		return in.session().AccountLimits(background, get[qenex.AccountKey](in, "key"))
	}),

	"qenex_calendars_set":       bulk("calendars", (*qenex.Session).SetCalendars),
	"qenex_entity_rules_set":    bulk("rules", (*qenex.Session).SetEntityRules),
	"qenex_transfers_schedule":  bulk("schedules", (*qenex.Session).ScheduleTransfers),
	"qenex_schedules_cancel":    bulk("cancellations", (*qenex.Session).CancelSchedules),
	"qenex_day_end_portions":    bulk("day_ends", (*qenex.Session).EndDayPortions),
	"qenex_year_end_portions":   bulk("year_ends", (*qenex.Session).EndYearPortions),
	"qenex_account_owners_set":  bulk("owners", (*qenex.Session).SetAccountOwners),
	"qenex_accounts_reactivate": bulk("reactivations", (*qenex.Session).ReactivateAccounts),
	"qenex_day_end_run": one(func(in *input) (qenex.Result, error) {
		return in.session().EndDay(background, get[uint32](in, "entity"), get[qenex.Date](in, "day"), get[uint32](in, "portion"))
	}),
	"qenex_year_end_run": one(func(in *input) (qenex.Result, error) {
		return in.session().EndYear(background, get[uint32](in, "entity"), get[qenex.Date](in, "through"), get[string](in, "retained"), get[uint32](in, "code"))
	}),
	"qenex_business_date_next": one(func(in *input) (qenex.Result, error) {
		return in.session().NextBusinessDate(background, get[uint32](in, "entity"))
	}),
	"qenex_calendars_list": records(func(in *input) ([]qenex.CalendarRecord, error) { return in.session().Calendars(background) }),
	"qenex_business_day_after": func(in *input) (answer, error) {
		day, err := in.session().BusinessDayAfter(background, get[uint32](in, "entity"), get[qenex.Date](in, "day"))
		return as("date", day, err)
	},
	"qenex_periods_list": records(func(in *input) ([]qenex.PeriodRecord, error) {
		return in.session().Periods(background, get[uint32](in, "entity"))
	}),
	"qenex_sealed_balances_list": records(func(in *input) ([]qenex.SealedBalance, error) {
		return in.session().SealedBalances(background, get[qenex.ID](in, "account"), get[uint32](in, "asset"), get[qenex.Date](in, "first"), get[qenex.Date](in, "last"))
	}),
	"qenex_corrections_list": records(func(in *input) ([]qenex.Correction, error) {
		return in.session().Corrections(background, get[uint32](in, "entity"), get[uint64](in, "after"), get[uint32](in, "limit"))
	}),
	"qenex_trial_accounts_list": records(func(in *input) ([]qenex.TrialAccount, error) {
		return in.session().TrialAccounts(background, get[qenex.TrialOptions](in, "options"))
	}),
	"qenex_schedules_list": records(func(in *input) ([]qenex.ScheduleRecord, error) {
		return in.session().Schedules(background, get[uint32](in, "entity"), get[bool](in, "waiting_only"), get[uint64](in, "after"), get[uint32](in, "limit"))
	}),
	"qenex_account_owners_list": records(func(in *input) ([]qenex.OwnerRecord, error) {
		return in.session().AccountOwners(background, get[qenex.ID](in, "account"))
	}),
	"qenex_account_blocks_list": records(func(in *input) ([]qenex.BlockRecord, error) {
		return in.session().AccountBlocks(background, get[qenex.ID](in, "account"))
	}),

	"qenex_positions_register": bulk("positions", (*qenex.Session).RegisterPositions),
	"qenex_exchanges_create":   bulk("exchanges", (*qenex.Session).CreateExchanges),
	"qenex_revaluations_post":  bulk("revaluations", (*qenex.Session).PostRevaluations),
	"qenex_transfers_split":    bulk("splits", (*qenex.Session).SplitTransfers),
	"qenex_accruals_add":       bulk("accruals", (*qenex.Session).AddAccruals),
	"qenex_accruals_post":      bulk("posts", (*qenex.Session).PostAccruals),
	"qenex_statements_cut":     bulk("cuts", (*qenex.Session).CutStatements),
	"qenex_gl_codes_set":       bulk("codes", (*qenex.Session).SetGLCodes),
	"qenex_gl_assignments_set": bulk("assignments", (*qenex.Session).SetGLAssignments),
	"qenex_transfers_import":   bulk("imports", (*qenex.Session).ImportTransfers),
	"qenex_imports_prove":      bulk("proofs", (*qenex.Session).ProveImports),
	"qenex_retentions_set":     bulk("retentions", (*qenex.Session).SetRetentions),
	"qenex_import_start": one(func(in *input) (qenex.Result, error) {
		return in.session().StartImport(background, get[qenex.ID](in, "key"))
	}),
	"qenex_import_end": one(func(in *input) (qenex.Result, error) {
		return in.session().EndImport(background, get[qenex.ID](in, "key"))
	}),
	"qenex_exchange_simple": one(func(in *input) (qenex.Result, error) {
		return in.session().Exchange(background, get[qenex.ID](in, "id"), get[string](in, "from"), get[string](in, "to"),
			get[string](in, "amount"), get[string](in, "from_currency"), get[string](in, "to_currency"), get[string](in, "rate"))
	}),
	"qenex_allocate": func(in *input) (answer, error) {
		parts, err := get[qenex.Amount](in, "total").Allocate(list[uint64](in, "weights"))
		return as("parts", parts, err)
	},
	"qenex_positions_list": records(func(in *input) ([]qenex.PositionRecord, error) {
		return in.session().Positions(background, get[uint32](in, "entity"))
	}),
	"qenex_functional_trial_balance": records(func(in *input) ([]qenex.FunctionalLine, error) {
		return in.session().FunctionalTrialBalance(background, get[uint32](in, "entity"))
	}),
	"qenex_accruals_list": records(func(in *input) ([]qenex.AccrualRecord, error) {
		return in.session().Accruals(background, get[qenex.AccountKey](in, "key"))
	}),
	"qenex_balances_daily": daily,
	"qenex_statements_list": records(func(in *input) ([]qenex.StatementRecord, error) {
		return in.session().Statements(background, get[qenex.AccountKey](in, "key"), get[uint32](in, "after"), get[uint32](in, "limit"))
	}),
	"qenex_statement_issue": issue,
	"qenex_gl_trial_balance": records(func(in *input) ([]qenex.GLLine, error) {
		return in.session().GLTrialBalance(background, get[uint32](in, "entity"), get[qenex.Date](in, "date"), get[qenex.GLGroupFlags](in, "group"))
	}),
	"qenex_gl_reconcile": records(func(in *input) ([]qenex.GLDifference, error) {
		return in.session().GLReconcile(background, get[uint32](in, "entity"), get[qenex.Date](in, "date"))
	}),
	"qenex_gl_journal": journal,
	"qenex_import_status_get": func(in *input) (answer, error) {
		status, err := in.session().ImportStatus(background)
		return as("import", status, err)
	},
	"qenex_retention_get": records(func(in *input) ([]qenex.RetentionRecord, error) {
		retention, err := in.session().Retention(background, get[qenex.AccountKey](in, "key"))
		return []qenex.RetentionRecord{retention}, err
	}),
	"qenex_personal_data_list": records(func(in *input) ([]qenex.PersonalPlace, error) {
		return in.session().PersonalData(background, get[qenex.AccountKey](in, "key"), get[uint64](in, "after"), get[uint32](in, "limit"))
	}),
}
