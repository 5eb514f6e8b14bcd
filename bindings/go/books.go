package qenex

// The books: positions and exchanges, splits, accruals, statements that are cut, the general ledger, the import of
// another system's past, retention. docs/guide has a page for each.

// #include <qenex.h>
import "C"

import (
	"context"
	"fmt"
	"runtime"
	"unsafe"
)

// RegisterPositions makes accounts the position accounts of their entities.
func (s *Session) RegisterPositions(ctx context.Context, positions []Position, options *ExecuteOptions) (Results, error) {
	return execute(ctx, s, positions, options, func(b *batch) C.qenex_status {
		return C.qenex_positions_register(s.c(), (*C.qenex_position)(b.records), b.count, b.size, b.arena, b.arenaLen, b.options,
			b.results, &b.failed)
	})
}

// CreateExchanges exchanges amounts between currencies; a result has the amount bought, the debited balance in the asset sold
// and the credited one in the asset bought.
func (s *Session) CreateExchanges(ctx context.Context, exchanges []Exchange, options *ExecuteOptions) (Results, error) {
	return execute(ctx, s, exchanges, options, func(b *batch) C.qenex_status {
		return C.qenex_exchanges_create(s.c(), (*C.qenex_exchange)(b.records), b.count, b.size, b.arena, b.arenaLen, b.options,
			b.results, &b.failed)
	})
}

// PostRevaluations revalues positions; a result has the gain posted, below zero a loss.
func (s *Session) PostRevaluations(ctx context.Context, revaluations []Revaluation, options *ExecuteOptions) (Results, error) {
	return execute(ctx, s, revaluations, options, func(b *batch) C.qenex_status {
		return C.qenex_revaluations_post(s.c(), (*C.qenex_revaluation)(b.records), b.count, b.size, b.arena, b.arenaLen, b.options,
			b.results, &b.failed)
	})
}

// SplitTransfers splits amounts over several credit accounts.
func (s *Session) SplitTransfers(ctx context.Context, splits []Split, options *ExecuteOptions) (Results, error) {
	return execute(ctx, s, splits, options, func(b *batch) C.qenex_status {
		return C.qenex_transfers_split(s.c(), (*C.qenex_split)(b.records), b.count, b.size, b.arena, b.arenaLen, b.options,
			b.results, &b.failed)
	})
}

// AddAccruals adds to accruals; a result has the whole minor units that are not posted yet.
func (s *Session) AddAccruals(ctx context.Context, accruals []Accrual, options *ExecuteOptions) (Results, error) {
	return execute(ctx, s, accruals, options, func(b *batch) C.qenex_status {
		return C.qenex_accruals_add(s.c(), (*C.qenex_accrual)(b.records), b.count, b.size, b.arena, b.arenaLen, b.options,
			b.results, &b.failed)
	})
}

// PostAccruals posts accruals; a result has the minor units posted, below zero when they were debited.
func (s *Session) PostAccruals(ctx context.Context, posts []AccrualPost, options *ExecuteOptions) (Results, error) {
	return execute(ctx, s, posts, options, func(b *batch) C.qenex_status {
		return C.qenex_accruals_post(s.c(), (*C.qenex_accrual_post)(b.records), b.count, b.size, b.arena, b.arenaLen, b.options,
			b.results, &b.failed)
	})
}

// CutStatements cuts statements; their numbers are in the results.
func (s *Session) CutStatements(ctx context.Context, cuts []StatementCut, options *ExecuteOptions) (Results, error) {
	return execute(ctx, s, cuts, options, func(b *batch) C.qenex_status {
		return C.qenex_statements_cut(s.c(), (*C.qenex_statement_cut)(b.records), b.count, b.size, b.arena, b.arenaLen, b.options,
			b.results, &b.failed)
	})
}

// SetGLCodes enters codes into the charts of entities, or changes them.
func (s *Session) SetGLCodes(ctx context.Context, codes []GLCode, options *ExecuteOptions) (Results, error) {
	return execute(ctx, s, codes, options, func(b *batch) C.qenex_status {
		return C.qenex_gl_codes_set(s.c(), (*C.qenex_gl_code)(b.records), b.count, b.size, b.arena, b.arenaLen, b.options,
			b.results, &b.failed)
	})
}

// SetGLAssignments gives accounts codes of the general ledger.
func (s *Session) SetGLAssignments(ctx context.Context, assignments []GLAssignment, options *ExecuteOptions) (Results, error) {
	return execute(ctx, s, assignments, options, func(b *batch) C.qenex_status {
		return C.qenex_gl_assignments_set(s.c(), (*C.qenex_gl_assignment)(b.records), b.count, b.size, b.arena, b.arenaLen, b.options,
			b.results, &b.failed)
	})
}

// ImportTransfers imports transfers of the past, in import mode alone. Sent again they change nothing, so that an import
// that was interrupted is resumed by sending it again.
func (s *Session) ImportTransfers(ctx context.Context, imports []ImportTransfer, options *ExecuteOptions) (Results, error) {
	return execute(ctx, s, imports, options, func(b *batch) C.qenex_status {
		return C.qenex_transfers_import(s.c(), (*C.qenex_import_transfer)(b.records), b.count, b.size, b.arena, b.arenaLen, b.options,
			b.results, &b.failed)
	})
}

// ProveImports proves imported balances: opening plus movements equals closing.
func (s *Session) ProveImports(ctx context.Context, proofs []ImportProof, options *ExecuteOptions) (Results, error) {
	return execute(ctx, s, proofs, options, func(b *batch) C.qenex_status {
		return C.qenex_imports_prove(s.c(), (*C.qenex_import_proof)(b.records), b.count, b.size, b.arena, b.arenaLen, b.options,
			b.results, &b.failed)
	})
}

// SetRetentions says how long accounts' data is kept, and sets or lifts legal holds.
func (s *Session) SetRetentions(ctx context.Context, retentions []Retention, options *ExecuteOptions) (Results, error) {
	return execute(ctx, s, retentions, options, func(b *batch) C.qenex_status {
		return C.qenex_retentions_set(s.c(), (*C.qenex_retention)(b.records), b.count, b.size, b.arena, b.arenaLen, b.options,
			b.results, &b.failed)
	})
}

// StartImport begins import mode, in a file without transfers. key is the idempotency key, the id none: one is made. A
// refusal is an error.
func (s *Session) StartImport(ctx context.Context, key ID) (Result, error) {
	return answer(ctx, s, func(out *C.qenex_result, failed **C.qenex_error) C.qenex_status {
		return C.qenex_import_start(s.c(), key.orNil(), out, failed)
	})
}

// EndImport ends import mode for ever: every imported balance must be proved (StatusImportNotProved otherwise). A file that
// never imported anything can be declared live too, and never imports then. The result's Number is that of imported
// transfers. A refusal is an error.
func (s *Session) EndImport(ctx context.Context, key ID) (Result, error) {
	return answer(ctx, s, func(out *C.qenex_result, failed **C.qenex_error) C.qenex_status {
		return C.qenex_import_end(s.c(), key.orNil(), out, failed)
	})
}

// Exchange exchanges an amount, such as "100.00", of fromCurrency for toCurrency at a rate, such as "24.512" (units of
// toCurrency for one of fromCurrency), rounded half to even: the first account, named by number, is debited, the second
// credited. id is the idempotency key as in TransferOnce, the id none: one is made. One of the currencies must be the
// functional one. A refusal is an error. Others: StatusUnknownCurrency, StatusInvalidAmountText, StatusInvalidArgument.
func (s *Session) Exchange(ctx context.Context, id ID, from, to, amount, fromCurrency, toCurrency, rate string) (Result, error) {
	return answer(ctx, s, func(out *C.qenex_result, failed **C.qenex_error) C.qenex_status {
		payer, payerLen := textOf(from)
		payee, payeeLen := textOf(to)
		sum, sumLen := textOf(amount)
		sold, soldLen := textOf(fromCurrency)
		bought, boughtLen := textOf(toCurrency)
		price, priceLen := textOf(rate)
		return C.qenex_exchange_simple(s.c(), id.orNil(), payer, payerLen, payee, payeeLen, sum, sumLen, sold, soldLen,
			bought, boughtLen, price, priceLen, out, failed)
	})
}

// Allocate splits the amount in proportion to weights (1 to BatchMax) by the largest remainder: the parts sum to it,
// equal remainders go to the part that stands first, a weight of zero gets nothing, and a negative amount splits as the
// positive one. Errors: StatusEmptyBatch, StatusBatchTooLarge; StatusInvalidArgument, no weight is above zero.
func (a Amount) Allocate(weights []uint64) ([]Amount, error) {
	if incompatible != nil {
		return nil, incompatible
	}
	if len(weights) == 0 {
		return nil, &Error{Status: StatusEmptyBatch, Item: -1, Message: "there are no weights: give one for each part"}
	}
	if len(weights) > BatchMax {
		return nil, &Error{Status: StatusBatchTooLarge, Item: -1,
			Message: fmt.Sprintf("%d weights: at most %d at a time", len(weights), BatchMax)}
	}
	parts := make([]Amount, len(weights))
	var failed *C.qenex_error
	status := C.qenex_allocate(a.c(), (*C.uint64_t)(firstOf(weights)), C.size_t(len(weights)), parts[0].c(), &failed)
	if err := errorOf(status, failed); err != nil {
		return nil, err
	}
	return parts, nil
}

// Positions gives the positions of an entity (0: entity 1), by asset.
func (s *Session) Positions(ctx context.Context, entity uint32) ([]PositionRecord, error) {
	return query(ctx, s, (*rawPositionRecord).decode, func(out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
		return C.qenex_positions_list(s.c(), C.uint32_t(entity), out, failed)
	})
}

// FunctionalTrialBalance gives the trial balance of an entity (0: entity 1) in its functional currency, by asset: what all
// accounts but the position account net to, and its book value. The book values sum to zero. Commands wait meanwhile.
func (s *Session) FunctionalTrialBalance(ctx context.Context, entity uint32) ([]FunctionalLine, error) {
	return query(ctx, s, (*rawFunctionalLine).decode, func(out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
		return C.qenex_functional_trial_balance(s.c(), C.uint32_t(entity), out, failed)
	})
}

// Accruals gives the accruals of an account, by name; the key's Asset is not read. Error: StatusNotFound.
func (s *Session) Accruals(ctx context.Context, key AccountKey) ([]AccrualRecord, error) {
	found, _, err := byKey(ctx, s, key, (*rawAccrualRecord).decode,
		func(k keyList, out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
			return C.qenex_accruals_list(s.c(), k.first, k.size, k.arena, k.arenaLen, out, failed)
		})
	return found, err
}

// DailyOptions say which days DailyBalances gives, and which page; zero is the default but for From and To.
type DailyOptions struct {
	// From and To are the first and the last day, at most 3,700 days.
	From, To Date
	// ByBookingDate: rather than by value date.
	ByBookingDate bool
	// Limit is about how many records a page has: whole accounts, at least one; 0: 10000.
	Limit uint32
	// Cursor of the page before; nil: the first page.
	Cursor []byte
}

// DailyPage is a page of balances day by day.
type DailyPage struct {
	Balances []DayBalance
	// Cursor goes on with the next account, asked for with the same keys; nil: this was the last page.
	Cursor []byte
}

// DailyBalances gives the balance at the end of each day of accounts (1 to BatchMax), account by account. The next page is
// as known at the first one. Errors: StatusNotFound, StatusInvalidCursor, StatusBatchTooLarge.
func (s *Session) DailyBalances(ctx context.Context, keys []AccountKey, options DailyOptions) (DailyPage, error) {
	k, err := keysOf(keys)
	if err != nil {
		return DailyPage{}, err
	}
	found, cursor, err := page(ctx, s, (*rawDayBalance).decode, func(out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
		return C.qenex_balances_daily(s.c(), k.first, k.count, k.size, k.arena, k.arenaLen, C.qenex_date(options.From),
			C.qenex_date(options.To), flag(options.ByBookingDate), C.uint32_t(options.Limit),
			(*C.uint8_t)(firstOf(options.Cursor)), C.size_t(len(options.Cursor)), out, failed)
	})
	return DailyPage{found, cursor}, err
}

// Statements gives the statements that were cut of an account in an asset, in order. after is the Number of the last one
// of the page before, 0 for the first page. limit: 1 to 10000; 0: 100. Error: StatusNotFound.
func (s *Session) Statements(ctx context.Context, key AccountKey, after, limit uint32) ([]StatementRecord, error) {
	found, _, err := byKey(ctx, s, key, (*rawStatementRecord).decode,
		func(k keyList, out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
			return C.qenex_statements_list(s.c(), k.first, k.size, k.arena, k.arenaLen, C.uint32_t(after),
				C.uint32_t(limit), out, failed)
		})
	return found, err
}

// IssueStatement gives a statement that was cut, and a page of its lines, the oldest date first: the same whenever it is
// asked for. skip: how many lines the pages before had. limit: 1 to 10000; 0: 100. A page with fewer lines is the last.
// Error: StatusNotFound.
func (s *Session) IssueStatement(ctx context.Context, key AccountKey, number uint32, skip uint64, limit uint32) (StatementRecord, []IssuedLine, error) {
	var raw rawStatementRecord
	lines, _, err := byKey(ctx, s, key, (*rawIssuedLine).decode,
		func(k keyList, out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
			return C.qenex_statement_issue(s.c(), k.first, k.size, k.arena, k.arenaLen, C.uint32_t(number),
				C.uint64_t(skip), C.uint32_t(limit), (*C.qenex_statement_record)(unsafe.Pointer(&raw)), out, failed)
		})
	return read(&raw, (*rawStatementRecord).decode), lines, err
}

// GLTrialBalance gives the trial balance of an entity (0: entity 1) by code of the general ledger at the end of a booking
// day. group: the dimensions that lines are apart by. Debits and credits of an asset are equal over all lines.
func (s *Session) GLTrialBalance(ctx context.Context, entity uint32, date Date, group GLGroupFlags) ([]GLLine, error) {
	return query(ctx, s, (*rawGlLine).decode, func(out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
		return C.qenex_gl_trial_balance(s.c(), C.uint32_t(entity), C.qenex_date(date), C.uint32_t(group), out, failed)
	})
}

// GLReconcile reconciles an entity's codes (0: entity 1) at the end of a booking day: gives each code's balance from its
// accounts and from the transfers one by one. A Difference that is not zero means that the file is damaged. Reads every
// transfer.
func (s *Session) GLReconcile(ctx context.Context, entity uint32, date Date) ([]GLDifference, error) {
	return query(ctx, s, (*rawGlDifference).decode, func(out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
		return C.qenex_gl_reconcile(s.c(), C.uint32_t(entity), C.qenex_date(date), out, failed)
	})
}

// JournalOptions say which part of a journal is wanted, and how it is written; zero is the default but for the days and
// the format.
type JournalOptions struct {
	// Entity; 0: entity 1.
	Entity uint32
	// From and To are the first and the last booking date.
	From, To Date
	// Format: JournalCSV and others.
	Format Journal
	// Limit is how many transfers a page has; 0: 10000.
	Limit uint32
	// Cursor of the page before; nil: the first page.
	Cursor []byte
}

// JournalPage is a page of a journal.
type JournalPage struct {
	Text string
	// Cursor goes on with the next page, which is to be written right behind; nil: this was the last one.
	Cursor []byte
}

// GLJournal gives the journal of an entity as text: what the balances were before, every transfer, what changed its code,
// and in plain-text accounting the balances that must come out. Errors: StatusNotFound, StatusInvalidCursor.
func (s *Session) GLJournal(ctx context.Context, options JournalOptions) (JournalPage, error) {
	if err := ended(ctx); err != nil {
		return JournalPage{}, err
	}
	var buffer *C.qenex_buffer
	var failed *C.qenex_error
	status := C.qenex_gl_journal(s.c(), C.uint32_t(options.Entity), C.qenex_date(options.From), C.qenex_date(options.To),
		C.uint32_t(options.Format), C.uint32_t(options.Limit), (*C.uint8_t)(firstOf(options.Cursor)),
		C.size_t(len(options.Cursor)), &buffer, &failed)
	runtime.KeepAlive(s)
	defer C.qenex_buffer_free(buffer)
	if err := errorOf(status, failed); err != nil {
		return JournalPage{}, err
	}
	return JournalPage{string(textsOf(buffer)), cursorOf(buffer)}, nil
}

// ImportStatus tells where the import stands.
func (s *Session) ImportStatus(ctx context.Context) (ImportStatus, error) {
	if err := ended(ctx); err != nil {
		return ImportStatus{}, err
	}
	var raw rawImportStatus
	var failed *C.qenex_error
	status := C.qenex_import_status_get(s.c(), (*C.qenex_import_status)(unsafe.Pointer(&raw)), &failed)
	runtime.KeepAlive(s)
	return read(&raw, (*rawImportStatus).decode), errorOf(status, failed)
}

// Retention tells how long an account's data is kept. Error: StatusNotFound.
func (s *Session) Retention(ctx context.Context, key AccountKey) (RetentionRecord, error) {
	found, _, err := byKey(ctx, s, key, (*rawRetentionRecord).decode,
		func(k keyList, out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
			return C.qenex_retention_get(s.c(), k.first, k.size, k.arena, k.arenaLen, out, failed)
		})
	if err != nil || len(found) == 0 {
		return RetentionRecord{}, err
	}
	return found[0], nil
}

// PersonalData tells where personal texts of an account are (its own name and owner, the references, narratives and
// metadata of its transfers), by sequence number. after is the Sequence of the last one of the page before, 0 for the
// first page. limit: about as many records, 1 to 10000; 0: 100. Error: StatusNotFound.
func (s *Session) PersonalData(ctx context.Context, key AccountKey, after uint64, limit uint32) ([]PersonalPlace, error) {
	found, _, err := byKey(ctx, s, key, (*rawPersonalPlace).decode,
		func(k keyList, out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
			return C.qenex_personal_data_list(s.c(), k.first, k.size, k.arena, k.arenaLen, C.uint64_t(after),
				C.uint32_t(limit), out, failed)
		})
	return found, err
}
