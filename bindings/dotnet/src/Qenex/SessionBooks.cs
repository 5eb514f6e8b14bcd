// The books of a bank: foreign exchange and positions, splits, accruals, numbered statements, the general ledger, import
// from an old system, and how long data is kept. Batches are executed as in SessionCommands.cs, answers are copied as in
// SessionQueries.cs.
using System;
using System.Collections.Generic;
using Qenex.Raw;

namespace Qenex
{
    public sealed unsafe partial class Session
    {
        /// <summary>Registers the accounts that hold an entity's positions in foreign assets.</summary>
        public Result[] RegisterPositions(IEnumerable<Position> positions, ExecuteOptions options = null)
        {
            return Run(positions, "positions", sizeof(RawPosition), options, (s, r, n, z, a, l, o, t, e) =>
                Native.qenex_positions_register(s, (RawPosition*)r, n, z, a, l, o, t, e));
        }

        /// <summary>Exchanges assets at a rate, through the positions.</summary>
        public Result[] CreateExchanges(IEnumerable<Exchange> exchanges, ExecuteOptions options = null)
        {
            return Run(exchanges, "exchanges", sizeof(RawExchange), options, (s, r, n, z, a, l, o, t, e) =>
                Native.qenex_exchanges_create(s, (RawExchange*)r, n, z, a, l, o, t, e));
        }

        /// <summary>Revalues positions at a day's rate.</summary>
        public Result[] PostRevaluations(IEnumerable<Revaluation> revaluations, ExecuteOptions options = null)
        {
            return Run(revaluations, "revaluations", sizeof(RawRevaluation), options, (s, r, n, z, a, l, o, t, e) =>
                Native.qenex_revaluations_post(s, (RawRevaluation*)r, n, z, a, l, o, t, e));
        }

        /// <summary>Splits amounts over accounts in proportion to weights; the parts sum to the amount.</summary>
        public Result[] SplitTransfers(IEnumerable<Split> splits, ExecuteOptions options = null)
        {
            return Run(splits, "splits", sizeof(RawSplit), options, (s, r, n, z, a, l, o, t, e) =>
                Native.qenex_transfers_split(s, (RawSplit*)r, n, z, a, l, o, t, e));
        }

        /// <summary>Adds to accruals, which count parts of a minor unit.</summary>
        public Result[] AddAccruals(IEnumerable<Accrual> accruals, ExecuteOptions options = null)
        {
            return Run(accruals, "accruals", sizeof(RawAccrual), options, (s, r, n, z, a, l, o, t, e) =>
                Native.qenex_accruals_add(s, (RawAccrual*)r, n, z, a, l, o, t, e));
        }

        /// <summary>Posts the whole minor units of accruals; what is left stays in the accrual.</summary>
        public Result[] PostAccruals(IEnumerable<AccrualPost> posts, ExecuteOptions options = null)
        {
            return Run(posts, "posts", sizeof(RawAccrualPost), options, (s, r, n, z, a, l, o, t, e) =>
                Native.qenex_accruals_post(s, (RawAccrualPost*)r, n, z, a, l, o, t, e));
        }

        /// <summary>Cuts statements: each gets the next number of its account, and never changes again.</summary>
        public Result[] CutStatements(IEnumerable<StatementCut> cuts, ExecuteOptions options = null)
        {
            return Run(cuts, "cuts", sizeof(RawStatementCut), options, (s, r, n, z, a, l, o, t, e) =>
                Native.qenex_statements_cut(s, (RawStatementCut*)r, n, z, a, l, o, t, e));
        }

        /// <summary>Defines codes of the general ledger, or changes them.</summary>
        public Result[] SetGlCodes(IEnumerable<GlCode> codes, ExecuteOptions options = null)
        {
            return Run(codes, "codes", sizeof(RawGlCode), options, (s, r, n, z, a, l, o, t, e) =>
                Native.qenex_gl_codes_set(s, (RawGlCode*)r, n, z, a, l, o, t, e));
        }

        /// <summary>Assigns accounts to codes of the general ledger from a day on.</summary>
        public Result[] SetGlAssignments(IEnumerable<GlAssignment> assignments, ExecuteOptions options = null)
        {
            return Run(assignments, "assignments", sizeof(RawGlAssignment), options, (s, r, n, z, a, l, o, t, e) =>
                Native.qenex_gl_assignments_set(s, (RawGlAssignment*)r, n, z, a, l, o, t, e));
        }

        /// <summary>Imports transfers of an old system, between <see cref="StartImport"/> and <see cref="EndImport"/>.</summary>
        public Result[] ImportTransfers(IEnumerable<ImportTransfer> imports, ExecuteOptions options = null)
        {
            return Run(imports, "imports", sizeof(RawImportTransfer), options, (s, r, n, z, a, l, o, t, e) =>
                Native.qenex_transfers_import(s, (RawImportTransfer*)r, n, z, a, l, o, t, e));
        }

        /// <summary>Proves imported balances by the old system's own sums.</summary>
        public Result[] ProveImports(IEnumerable<ImportProof> proofs, ExecuteOptions options = null)
        {
            return Run(proofs, "proofs", sizeof(RawImportProof), options, (s, r, n, z, a, l, o, t, e) =>
                Native.qenex_imports_prove(s, (RawImportProof*)r, n, z, a, l, o, t, e));
        }

        /// <summary>Sets how long accounts' data is kept, and legal holds.</summary>
        public Result[] SetRetentions(IEnumerable<Retention> retentions, ExecuteOptions options = null)
        {
            return Run(retentions, "retentions", sizeof(RawRetention), options, (s, r, n, z, a, l, o, t, e) =>
                Native.qenex_retentions_set(s, (RawRetention*)r, n, z, a, l, o, t, e));
        }

        /// <summary>Begins import mode, in a file without transfers; an empty key: none. The result says why it was refused.</summary>
        public Result StartImport(Guid key = default(Guid))
        {
            RawId id = Wire.FromGuid(key);
            RawResult result;
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            {
                call.Check(Native.qenex_import_start(call.Handle, key == Guid.Empty ? null : &id, &result, call.Error));
            }
            return new Result(result);
        }

        /// <summary>Ends import mode for ever: every imported balance must be proved (<see cref="Status.ImportNotProved"/>
        /// otherwise). The result's number is that of imported transfers.</summary>
        public Result EndImport(Guid key = default(Guid))
        {
            RawId id = Wire.FromGuid(key);
            RawResult result;
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            {
                call.Check(Native.qenex_import_end(call.Handle, key == Guid.Empty ? null : &id, &result, call.Error));
            }
            return new Result(result);
        }

        /// <summary>Exchanges an amount, such as "100.00", of one currency for another at a rate, such as "24.512" (units of
        /// toCurrency for one of fromCurrency), rounded half to even: the first account, named by number, is debited, the
        /// second credited. One of the currencies must be the functional one. id as for a transfer. Throws
        /// <see cref="RefusedException"/>.</summary>
        public Result Exchange(string from, string to, string amount, string fromCurrency, string toCurrency, string rate,
            Guid id = default(Guid))
        {
            byte[] source = Wire.Bytes(from, "from");
            byte[] target = Wire.Bytes(to, "to");
            byte[] digits = Wire.Bytes(amount, "amount");
            byte[] sold = Wire.Bytes(fromCurrency, "fromCurrency");
            byte[] bought = Wire.Bytes(toCurrency, "toCurrency");
            byte[] price = Wire.Bytes(rate, "rate");
            RawId key = Wire.FromGuid(id);
            RawResult result;
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            fixed (byte* first = source, second = target, third = digits, fourth = sold, fifth = bought, sixth = price)
            {
                call.Check(Native.qenex_exchange_simple(call.Handle, id == Guid.Empty ? null : &key, first,
                    (UIntPtr)source.Length, second, (UIntPtr)target.Length, third, (UIntPtr)digits.Length, fourth,
                    (UIntPtr)sold.Length, fifth, (UIntPtr)bought.Length, sixth, (UIntPtr)price.Length, &result, call.Error));
            }
            return Accepted(new Result(result), amount + " " + fromCurrency + " of " + from + " were not exchanged for "
                + toCurrency + " to " + to);
        }

        /// <summary>As the other one, with decimals; the amount may not have more decimals than the currency.</summary>
        public Result Exchange(string from, string to, decimal amount, string fromCurrency, string toCurrency, decimal rate,
            Guid id = default(Guid))
        {
            return Exchange(from, to, Amount.Digits(amount), fromCurrency, toCurrency, Amount.Digits(rate), id);
        }

        /// <summary>The positions of an entity (0: entity 1), by asset.</summary>
        public PositionRecord[] ListPositions(uint entity = 0)
        {
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            {
                call.Check(Native.qenex_positions_list(call.Handle, entity, call.Buffer, call.Error));
                return call.Read(PositionRecord.Unpack);
            }
        }

        /// <summary>The trial balance of an entity (0: entity 1) in its functional currency, by asset; the book values sum to
        /// zero.</summary>
        public FunctionalLine[] FunctionalTrialBalance(uint entity = 0)
        {
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            {
                call.Check(Native.qenex_functional_trial_balance(call.Handle, entity, call.Buffer, call.Error));
                return call.Read(FunctionalLine.Unpack);
            }
        }

        /// <summary>The accruals of an account, by name.</summary>
        public AccrualRecord[] ListAccruals(AccountKey account)
        {
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            using (Batch batch = One(account))
            fixed (byte* records = batch.Records, arena = batch.ArenaBytes)
            {
                call.Check(Native.qenex_accruals_list(call.Handle, (RawAccountKey*)records, batch.RecordSize, arena,
                    batch.ArenaLength, call.Buffer, call.Error));
                return call.Read(AccrualRecord.Unpack);
            }
        }

        /// <summary>A page of the balances at the end of each day (at most 3,700 days) of accounts, account by account: by value
        /// date, or by booking date. limit: about so many rows, whole accounts; 0: 10000. The cursor goes on with the same
        /// keys.</summary>
        public Page<DayBalance> GetDayBalances(IEnumerable<AccountKey> keys, Date from, Date to, bool byBookingDate = false,
            uint limit = 0, byte[] cursor = null)
        {
            byte[] place = cursor ?? Nothing;
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            using (Batch batch = Batch.Of(Listed(keys, "keys"), "keys", sizeof(RawAccountKey)))
            fixed (byte* records = batch.Records, arena = batch.ArenaBytes, behind = place)
            {
                call.Check(Native.qenex_balances_daily(call.Handle, (RawAccountKey*)records, batch.Number, batch.RecordSize,
                    arena, batch.ArenaLength, from.Number, to.Number, byBookingDate ? 1u : 0u, limit, behind,
                    (UIntPtr)place.Length, call.Buffer, call.Error));
                return call.ReadPage(DayBalance.Unpack);
            }
        }

        /// <summary>The statements that were cut of an account in the key's asset, in order. after: the number of the last one of
        /// the page before. limit: 1 to 10000; 0: 100.</summary>
        public StatementRecord[] ListStatements(AccountKey account, uint after = 0, uint limit = 0)
        {
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            using (Batch batch = One(account))
            fixed (byte* records = batch.Records, arena = batch.ArenaBytes)
            {
                call.Check(Native.qenex_statements_list(call.Handle, (RawAccountKey*)records, batch.RecordSize, arena,
                    batch.ArenaLength, after, limit, call.Buffer, call.Error));
                return call.Read(StatementRecord.Unpack);
            }
        }

        /// <summary>A statement that was cut with its lines, the oldest date first: the same whenever it is asked for. skip: how
        /// many lines the pages before had. limit: 1 to 10000; 0: 100. A page with fewer lines is the last.</summary>
        public IssuedStatement IssueStatement(AccountKey account, uint number, ulong skip = 0, uint limit = 0)
        {
            RawStatementRecord statement;
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            using (Batch batch = One(account))
            fixed (byte* records = batch.Records, arena = batch.ArenaBytes)
            {
                call.Check(Native.qenex_statement_issue(call.Handle, (RawAccountKey*)records, batch.RecordSize, arena,
                    batch.ArenaLength, number, skip, limit, &statement, call.Buffer, call.Error));
                return new IssuedStatement(StatementRecord.Unpack((byte*)&statement, default(ArenaView)),
                    call.Read(IssuedLine.Unpack));
            }
        }

        /// <summary>The trial balance of an entity (0: entity 1) by code of the general ledger at the end of a booking day; lines
        /// are apart by the dimensions of group.</summary>
        public GlLine[] GlTrialBalance(Date date, uint entity = 0, GlGroupFlags group = GlGroupFlags.None)
        {
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            {
                call.Check(Native.qenex_gl_trial_balance(call.Handle, entity, date.Number, (uint)group, call.Buffer, call.Error));
                return call.Read(GlLine.Unpack);
            }
        }

        /// <summary>Reconciles an entity's codes (0: entity 1) at the end of a booking day: each code's balance from its accounts
        /// and from the transfers one by one. A difference that is not zero means that the file is damaged.</summary>
        public GlDifference[] ReconcileGl(Date date, uint entity = 0)
        {
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            {
                call.Check(Native.qenex_gl_reconcile(call.Handle, entity, date.Number, call.Buffer, call.Error));
                return call.Read(GlDifference.Unpack);
            }
        }

        /// <summary>A page of the journal of an entity (0: entity 1) for booking dates from one day to another, as text in a
        /// format. limit: transfers of a page; 0: 10000. The next page is to be written right behind this one.</summary>
        public JournalPage GetJournal(Date from, Date to, Journal format, uint entity = 0, uint limit = 0, byte[] cursor = null)
        {
            byte[] place = cursor ?? Nothing;
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            fixed (byte* behind = place)
            {
                call.Check(Native.qenex_gl_journal(call.Handle, entity, from.Number, to.Number, (uint)format, limit, behind,
                    (UIntPtr)place.Length, call.Buffer, call.Error));
                byte[] next = call.ReadCursor();
                return new JournalPage(call.ReadText(), next);
            }
        }

        /// <summary>Where the import stands.</summary>
        public ImportStatus GetImportStatus()
        {
            RawImportStatus raw;
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            {
                call.Check(Native.qenex_import_status_get(call.Handle, &raw, call.Error));
            }
            return ImportStatus.Unpack((byte*)&raw, default(ArenaView));
        }

        /// <summary>How long an account's data is kept. Throws with <see cref="Status.NotFound"/> when nothing was set.</summary>
        public RetentionRecord GetRetention(AccountKey account)
        {
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            using (Batch batch = One(account))
            fixed (byte* records = batch.Records, arena = batch.ArenaBytes)
            {
                call.Check(Native.qenex_retention_get(call.Handle, (RawAccountKey*)records, batch.RecordSize, arena,
                    batch.ArenaLength, call.Buffer, call.Error));
                return call.Read(RetentionRecord.Unpack)[0];
            }
        }

        /// <summary>Where personal texts of an account are, by sequence number. after: the sequence of the last one of the page
        /// before. limit: about so many, 1 to 10000; 0: 100.</summary>
        public PersonalPlace[] ListPersonalData(AccountKey account, ulong after = 0, uint limit = 0)
        {
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            using (Batch batch = One(account))
            fixed (byte* records = batch.Records, arena = batch.ArenaBytes)
            {
                call.Check(Native.qenex_personal_data_list(call.Handle, (RawAccountKey*)records, batch.RecordSize, arena,
                    batch.ArenaLength, after, limit, call.Buffer, call.Error));
                return call.Read(PersonalPlace.Unpack);
            }
        }
    }

    /// <summary>A statement that was cut, and a page of its lines.</summary>
    public sealed class IssuedStatement
    {
        internal IssuedStatement(StatementRecord statement, IssuedLine[] lines)
        {
            Statement = statement;
            Lines = lines;
        }

        /// <summary>Its number, days and balances.</summary>
        public StatementRecord Statement { get; private set; }

        /// <summary>The lines of this page, the oldest date first.</summary>
        public IssuedLine[] Lines { get; private set; }
    }

    /// <summary>A page of a journal, ready to be written.</summary>
    public sealed class JournalPage
    {
        internal JournalPage(string text, byte[] cursor)
        {
            Text = text;
            Cursor = cursor;
        }

        /// <summary>The text; the next page comes right behind it.</summary>
        public string Text { get; private set; }

        /// <summary>Give it, with the same arguments, to go on; null: this was the last page.</summary>
        public byte[] Cursor { get; private set; }
    }
}
