// What the package offers for each function of the library: from the inputs of a step to its answers by their C names.
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading.Tasks;

namespace Qenex.Tests
{
    using Map = Dictionary<string, object>;

    internal static class Calls
    {
        private const int PatienceMs = 60000;

        private static readonly Dictionary<string, Func<Inputs, Map>> ByName = new Dictionary<string, Func<Inputs, Map>>
        {
            { "qenex_version", Returns(i => QenexLibrary.Version) },
            { "qenex_abi_version", Returns(i => QenexLibrary.AbiVersion) },
            { "qenex_has_feature", Returns(i => QenexLibrary.HasFeature(i.Text("name"))) },
            { "qenex_status_name", Returns(i => ((Status)i.Signed("status")).Name()) },
            { "qenex_status_explanation", Returns(i => ((Status)i.Signed("status")).Explanation()) },
            { "qenex_id_new", Gives("id", i => QenexLibrary.NewId()) },
            { "qenex_id_parse", Gives("id", i => QenexLibrary.ParseId(i.Text("text"))) },
            { "qenex_id_format", Gives("text", i => QenexLibrary.FormatId(i.Id("id"))) },
            { "qenex_time_now", Returns(i => QenexLibrary.Now()) },
            { "qenex_time_parse", Gives("time", i => QenexLibrary.ParseTime(i.Text("text"))) },
            { "qenex_time_format", Gives("text", i => QenexLibrary.FormatTime(i.Time("time"))) },
            { "qenex_date_parse", Gives("date", i => Date.Parse(i.Text("text"))) },
            { "qenex_date_format", Gives("text", i => i.Date("date").ToString()) },
            { "qenex_date_add_days", Gives("date", i => i.Date("date").AddDays(i.Signed("days"))) },
            { "qenex_currency_by_code", Gives("currency", i => Currency.Of(i.Text("code"))) },
            { "qenex_currency_by_number", Gives("currency", i => Currency.Of(i.Number("number"))) },
            { "qenex_amount_parse", Gives("amount", i => Amount.Parse(i.Text("text"), i.Signed("scale"))) },
            { "qenex_amount_format", Gives("text", i => i.Amount("amount").ToString(i.Signed("scale"))) },
            { "qenex_amount_add", Gives("sum", i => i.Amount("a") + i.Amount("b")) },
            { "qenex_amount_subtract", Gives("difference", i => i.Amount("a") - i.Amount("b")) },
            { "qenex_allocate", Gives("parts", i => i.Amount("total").Allocate(i.Longs("weights"))) },
            { "qenex_amount_compare", Returns(i => i.Amount("a").CompareTo(i.Amount("b"))) },

            { "qenex_open", Does(i => i.Case.Add(i.As, new Engine(i.Options<EngineOptions>("options")))) },
            { "qenex_close", Does(i => i.Engine.Close()) },
            { "qenex_session_open",
                Does(i => i.Case.Add(i.As, i.Engine.OpenSession(i.Text("principal"), i.Text("on_behalf_of")))) },
            { "qenex_session_free", Does(i => i.Session.Dispose()) },

            { "qenex_execute", Gives("results", i => i.Session.Execute(i.Commands("commands"), Options(i))) },
            { "qenex_transfers_create", Bulk<Transfer>("transfers", "qenex_transfer", (s, r, o) => s.CreateTransfers(r, o)) },
            { "qenex_transfers_reverse", Bulk<Reversal>("reversals", "qenex_reversal", (s, r, o) => s.ReverseTransfers(r, o)) },
            { "qenex_holds_place", Bulk<Hold>("holds", "qenex_hold", (s, r, o) => s.PlaceHolds(r, o)) },
            { "qenex_holds_increase",
                Bulk<HoldIncrease>("increases", "qenex_hold_increase", (s, r, o) => s.IncreaseHolds(r, o)) },
            { "qenex_holds_capture", Bulk<HoldCapture>("captures", "qenex_hold_capture", (s, r, o) => s.CaptureHolds(r, o)) },
            { "qenex_holds_release", Bulk<HoldRelease>("releases", "qenex_hold_release", (s, r, o) => s.ReleaseHolds(r, o)) },
            { "qenex_entities_create", Bulk<Entity>("entities", "qenex_entity", (s, r, o) => s.CreateEntities(r, o)) },
            { "qenex_assets_create", Bulk<Asset>("assets", "qenex_asset", (s, r, o) => s.CreateAssets(r, o)) },
            { "qenex_accounts_open", Bulk<Account>("accounts", "qenex_account", (s, r, o) => s.OpenAccounts(r, o)) },
            { "qenex_account_numbers_set",
                Bulk<AccountNumber>("numbers", "qenex_account_number", (s, r, o) => s.SetAccountNumbers(r, o)) },
            { "qenex_account_blocks_set",
                Bulk<AccountBlock>("blocks", "qenex_account_block", (s, r, o) => s.SetAccountBlocks(r, o)) },
            { "qenex_account_limits_set",
                Bulk<AccountLimit>("limits", "qenex_account_limit", (s, r, o) => s.SetAccountLimits(r, o)) },
            { "qenex_accounts_close",
                Bulk<AccountClose>("accounts", "qenex_account_close", (s, r, o) => s.CloseAccounts(r, o)) },
            { "qenex_accounts_reactivate",
                Bulk<Reactivation>("reactivations", "qenex_reactivation", (s, r, o) => s.ReactivateAccounts(r, o)) },
            { "qenex_account_owners_set",
                Bulk<AccountOwner>("owners", "qenex_account_owner", (s, r, o) => s.SetAccountOwners(r, o)) },
            { "qenex_business_dates_roll",
                Bulk<BusinessDate>("dates", "qenex_business_date", (s, r, o) => s.RollBusinessDates(r, o)) },
            { "qenex_periods_close", Bulk<PeriodClose>("periods", "qenex_period_close", (s, r, o) => s.ClosePeriods(r, o)) },
            { "qenex_host_records_put",
                Bulk<HostRecord>("host_records", "qenex_host_record", (s, r, o) => s.PutHostRecords(r, o)) },
            { "qenex_calendars_set", Bulk<Calendar>("calendars", "qenex_calendar", (s, r, o) => s.SetCalendars(r, o)) },
            { "qenex_entity_rules_set", Bulk<EntityRules>("rules", "qenex_entity_rules", (s, r, o) => s.SetEntityRules(r, o)) },
            { "qenex_transfers_schedule", Bulk<Schedule>("schedules", "qenex_schedule", (s, r, o) => s.ScheduleTransfers(r, o)) },
            { "qenex_schedules_cancel",
                Bulk<ScheduleCancel>("cancellations", "qenex_schedule_cancel", (s, r, o) => s.CancelSchedules(r, o)) },
            { "qenex_day_end_portions", Bulk<DayEnd>("day_ends", "qenex_day_end", (s, r, o) => s.SealDayPortions(r, o)) },
            { "qenex_year_end_portions", Bulk<YearEnd>("year_ends", "qenex_year_end", (s, r, o) => s.CloseYearPortions(r, o)) },
            { "qenex_day_end_run",
                Gives("result", i => i.Session.EndDay(i.Date("day"), i.Number("entity"), i.Number("portion"))) },
            { "qenex_year_end_run", Gives("result",
                i => i.Session.EndYear(i.Date("through"), i.Text("retained"), i.Number("entity"), i.Number("code"))) },
            { "qenex_business_date_next", Gives("result", i => i.Session.NextBusinessDate(i.Number("entity"))) },
            { "qenex_time_advance_to", Gives("result", i => i.Session.AdvanceTime(i.Time("to"), Options(i))) },
            { "qenex_positions_register",
                Bulk<Position>("positions", "qenex_position", (s, r, o) => s.RegisterPositions(r, o)) },
            { "qenex_exchanges_create", Bulk<Exchange>("exchanges", "qenex_exchange", (s, r, o) => s.CreateExchanges(r, o)) },
            { "qenex_revaluations_post",
                Bulk<Revaluation>("revaluations", "qenex_revaluation", (s, r, o) => s.PostRevaluations(r, o)) },
            { "qenex_transfers_split", Bulk<Split>("splits", "qenex_split", (s, r, o) => s.SplitTransfers(r, o)) },
            { "qenex_accruals_add", Bulk<Accrual>("accruals", "qenex_accrual", (s, r, o) => s.AddAccruals(r, o)) },
            { "qenex_accruals_post", Bulk<AccrualPost>("posts", "qenex_accrual_post", (s, r, o) => s.PostAccruals(r, o)) },
            { "qenex_statements_cut", Bulk<StatementCut>("cuts", "qenex_statement_cut", (s, r, o) => s.CutStatements(r, o)) },
            { "qenex_gl_codes_set", Bulk<GlCode>("codes", "qenex_gl_code", (s, r, o) => s.SetGlCodes(r, o)) },
            { "qenex_gl_assignments_set",
                Bulk<GlAssignment>("assignments", "qenex_gl_assignment", (s, r, o) => s.SetGlAssignments(r, o)) },
            { "qenex_transfers_import",
                Bulk<ImportTransfer>("imports", "qenex_import_transfer", (s, r, o) => s.ImportTransfers(r, o)) },
            { "qenex_imports_prove", Bulk<ImportProof>("proofs", "qenex_import_proof", (s, r, o) => s.ProveImports(r, o)) },
            { "qenex_retentions_set", Bulk<Retention>("retentions", "qenex_retention", (s, r, o) => s.SetRetentions(r, o)) },
            { "qenex_import_start", Gives("result", i => i.Session.StartImport(i.Id("key"))) },
            { "qenex_import_end", Gives("result", i => i.Session.EndImport(i.Id("key"))) },
            { "qenex_submit", Does(i => i.Session.Submit(i.Batch(), i.Long("tag"), Options(i))) },
            { "qenex_submit_notify", Gives("completion", Notify) },
            { "qenex_collect", Gives("completions", Collect) },

            { "qenex_balances_get", Gives("balances",
                i => i.Session.GetBalances(Keys(i), i.Has("as_of") ? AsOf(i) : null)) },
            { "qenex_balance_hierarchy", Gives("balance", i => i.Session.GetBalanceBelow(Key(i))) },
            { "qenex_accounts_get", Rows(i => i.Session.GetAccounts(Keys(i))) },
            { "qenex_accounts_list", Rows(i => i.Session.ListAccounts(i.Has("parent") ? i.Id("parent") : (Guid?)null,
                i.Long("after"), i.Number("limit"))) },
            { "qenex_entities_list", Rows(i => i.Session.ListEntities()) },
            { "qenex_assets_list", Rows(i => i.Session.ListAssets()) },
            { "qenex_account_numbers_list",
                Rows(i => i.Session.ListAccountNumbers(Key(i), i.Long("after"), i.Number("limit"))) },
            { "qenex_account_limits_list", Rows(i => i.Session.ListAccountLimits(Key(i))) },
            { "qenex_account_owners_list", Rows(i => i.Session.ListAccountOwners(i.Id("account"))) },
            { "qenex_account_blocks_list", Rows(i => i.Session.ListAccountBlocks(i.Id("account"))) },
            { "qenex_host_record_get",
                Rows(i => new[] { i.Session.GetHostRecord(i.Text("name_space"), i.Bytes("record")) }) },
            { "qenex_trial_balance", Rows(i => i.Session.TrialBalance(i.Number("entity"))) },
            { "qenex_trial_balance_as_of", Rows(i => i.Session.TrialBalance(i.Number("entity"), AsOf(i))) },
            { "qenex_trial_accounts_list",
                Rows(i => i.Session.ListTrialAccounts(i.Record<TrialOptions>("options", "qenex_trial_options"))) },
            { "qenex_calendars_list", Rows(i => i.Session.ListCalendars()) },
            { "qenex_business_day_after",
                Gives("date", i => i.Session.BusinessDayAfter(i.Date("day"), i.Number("entity"))) },
            { "qenex_periods_list", Rows(i => i.Session.ListPeriods(i.Number("entity"))) },
            { "qenex_sealed_balances_list", Rows(i => i.Session.ListSealedBalances(i.Id("account"), i.Number("asset"),
                i.Date("first"), i.Date("last"))) },
            { "qenex_corrections_list",
                Rows(i => i.Session.ListCorrections(i.Number("entity"), i.Long("after"), i.Number("limit"))) },
            { "qenex_schedules_list", Rows(i => i.Session.ListSchedules(i.Number("entity"), i.Flag("waiting_only"),
                i.Long("after"), i.Number("limit"))) },
            { "qenex_transfers_get", Rows(i => i.Session.GetTransfers(i.Ids("ids"))) },
            { "qenex_transaction_get", Rows(i => i.Session.GetTransaction(i.Id("id"))) },
            { "qenex_transfers_by_reference", Rows(i => i.Session.TransfersByReference(i.Text("reference"))) },
            { "qenex_transfers_find", i => Page(i.Session.FindTransfers(i.Options<TransferFilter>("filter"))) },
            { "qenex_statement_get",
                i => Page(i.Session.GetStatement(Key(i), i.Has("options") ? i.Options<StatementOptions>("options") : null)) },
            { "qenex_holds_get", Rows(i => i.Session.GetHolds(i.Ids("ids"))) },
            { "qenex_holds_list",
                Rows(i => i.Session.ListHolds(i.Id("account"), i.Long("after"), i.Number("limit"))) },
            { "qenex_feed_read", Rows(i => i.Session.ReadFeed(i.Long("after"), i.Number("limit"))) },
            { "qenex_feed_apply",
                Does(i => i.Engine.ApplyFeed((FeedEntry[])i.Case.Saved[i.Text("entries").Substring(1)])) },
            { "qenex_sequence_get", Gives("sequence", i => i.Session.GetSequence()) },
            { "qenex_sequence_at", Gives("sequence", i => i.Session.GetSequenceAt(i.Time("time"))) },

            { "qenex_positions_list", Rows(i => i.Session.ListPositions(i.Number("entity"))) },
            { "qenex_functional_trial_balance", Rows(i => i.Session.FunctionalTrialBalance(i.Number("entity"))) },
            { "qenex_accruals_list", Rows(i => i.Session.ListAccruals(Key(i))) },
            { "qenex_balances_daily", i => Page(i.Session.GetDayBalances(Keys(i), i.Date("from"), i.Date("to"),
                i.Flag("by_booking_date"), i.Number("limit"), i.Cursor("cursor"))) },
            { "qenex_statements_list", Rows(i => i.Session.ListStatements(Key(i), i.Number("after"), i.Number("limit"))) },
            { "qenex_statement_issue", Issue },
            { "qenex_gl_trial_balance", Rows(i => i.Session.GlTrialBalance(i.Date("date"), i.Number("entity"),
                (GlGroupFlags)i.Number("group"))) },
            { "qenex_gl_reconcile", Rows(i => i.Session.ReconcileGl(i.Date("date"), i.Number("entity"))) },
            { "qenex_gl_journal", WriteJournal },
            { "qenex_import_status_get", Gives("import", i => i.Session.GetImportStatus()) },
            { "qenex_retention_get", Rows(i => new[] { i.Session.GetRetention(Key(i)) }) },
            { "qenex_personal_data_list",
                Rows(i => i.Session.ListPersonalData(Key(i), i.Long("after"), i.Number("limit"))) },

            { "qenex_stats_get", Gives("stats", i => i.Engine.GetStats()) },
            { "qenex_backup", Does(Backup) },
            { "qenex_restore", Does(i => Engine.Restore(i.Path("backup"), i.Path("target"))) },
            { "qenex_upgrade", Upgrade },
            { "qenex_rebuild_caches", Does(i => Engine.RebuildCaches(i.Path("path"))) },
            { "qenex_integrity_check", Rows(i => i.Engine.CheckIntegrity()) },
            { "qenex_state_hash", Gives("hash", i => i.Engine.GetStateHash()) },
            { "qenex_support_bundle", Gives("text", i => i.Engine.GetSupportBundle()) },

            { "qenex_account_open_simple", Simple(i => i.Session.OpenAccount(i.Text("number"), i.Text("currency"),
                i.Text("opening_balance"))) },
            { "qenex_transfer_simple", Simple(i => i.Session.Transfer(i.Text("from"), i.Text("to"), i.Text("amount"),
                i.Text("currency"), i.Id("id"))) },
            { "qenex_exchange_simple", Simple(i => i.Session.Exchange(i.Text("from"), i.Text("to"), i.Text("amount"),
                i.Text("from_currency"), i.Text("to_currency"), i.Text("rate"), i.Id("id"))) },
            { "qenex_balance_text", Gives("text", i => i.Session.BalanceText(i.Text("number"), i.Text("currency"))) },
            { "qenex_asset_number", Gives("number", i => i.Session.AssetNumber(i.Text("code"))) },
        };

        internal static bool Known(string function)
        {
            return ByName.ContainsKey(function);
        }

        internal static Map Run(string function, Inputs inputs)
        {
            Func<Inputs, Map> call;
            if (!ByName.TryGetValue(function, out call))
            {
                throw new FailureException("the runner does not know " + function);
            }
            return call(inputs);
        }

        private static Func<Inputs, Map> Gives<T>(string name, Func<Inputs, T> call)
        {
            return inputs => new Map { { name, call(inputs) } };
        }

        private static Func<Inputs, Map> Returns<T>(Func<Inputs, T> call)
        {
            return Gives("returns", call);
        }

        private static Func<Inputs, Map> Rows<T>(Func<Inputs, T[]> call)
        {
            return Gives("records", call);
        }

        private static Func<Inputs, Map> Does(Action<Inputs> call)
        {
            return inputs =>
            {
                call(inputs);
                return new Map();
            };
        }

        private static Func<Inputs, Map> Bulk<T>(string parameter, string record,
            Func<Session, T[], ExecuteOptions, Result[]> call)
        {
            return Gives("results", i => call(i.Session, i.Records<T>(parameter, record), Options(i)));
        }

        /// <summary>One-line calls throw where C answers with a refused result.</summary>
        private static Func<Inputs, Map> Simple(Func<Inputs, Result> call)
        {
            return inputs =>
            {
                try
                {
                    return new Map { { "result", call(inputs) } };
                }
                catch (RefusedException refused)
                {
                    return new Map { { "overall", Status.SomeRefused }, { "result", refused.Result } };
                }
            };
        }

        private static Map Page<T>(Page<T> page)
        {
            return new Map { { "records", page.ToArray() }, { "cursor", page.Cursor } };
        }

        private static Map Issue(Inputs inputs)
        {
            IssuedStatement issued = inputs.Session.IssueStatement(Key(inputs), inputs.Number("number"), inputs.Long("skip"),
                inputs.Number("limit"));
            return new Map { { "statement", issued.Statement }, { "records", issued.Lines } };
        }

        private static Map WriteJournal(Inputs inputs)
        {
            JournalPage page = inputs.Session.GetJournal(inputs.Date("from"), inputs.Date("to"),
                (Journal)inputs.Number("format"), inputs.Number("entity"), inputs.Number("limit"), inputs.Cursor("cursor"));
            return new Map { { "text", page.Text }, { "cursor", page.Cursor } };
        }

        private static ExecuteOptions Options(Inputs inputs)
        {
            return inputs.Has("options") ? inputs.Options<ExecuteOptions>("options") : null;
        }

        private static AsOfOptions AsOf(Inputs inputs)
        {
            return inputs.Record<AsOfOptions>("as_of", "qenex_as_of_options");
        }

        private static AccountKey Key(Inputs inputs)
        {
            return inputs.Record<AccountKey>("key", "qenex_account_key");
        }

        private static AccountKey[] Keys(Inputs inputs)
        {
            return inputs.Records<AccountKey>("keys", "qenex_account_key");
        }

        private static void Backup(Inputs inputs)
        {
            Func<ulong, ulong, bool> progress = null;
            if (inputs.Has("progress"))
            {
                bool goOn = inputs.Text("progress") == "continue";
                progress = (done, total) => goOn;
            }
            inputs.Engine.Backup(inputs.Path("path"), progress);
        }

        private static Map Upgrade(Inputs inputs)
        {
            FormatUpgrade found = Engine.Upgrade(inputs.Path("path"), inputs.Flag("dry_run"));
            return new Map { { "from", found.Before }, { "to", found.After } };
        }

        /// <summary>Collects until as many batches are done as the step expects, in the order of its tags.</summary>
        private static Completion[] Collect(Inputs inputs)
        {
            List<ulong> tags = new List<ulong>();
            if (inputs.Expect.ContainsKey("completions"))
            {
                tags.AddRange(((List<object>)inputs.Expect["completions"]).Cast<Map>().Select(one => (ulong)(decimal)one["tag"]));
            }
            List<Completion> found = new List<Completion>();
            Stopwatch waited = Stopwatch.StartNew();
            do
            {
                found.AddRange(inputs.Engine.Collect(inputs.Number("timeout_ms"), (int)inputs.Number("max")));
            }
            while (found.Count < tags.Count && waited.ElapsedMilliseconds < PatienceMs);
            return found.OrderBy(completion => tags.IndexOf(completion.Tag)).ToArray();
        }

        /// <summary>What became of a batch, in the words of a case.</summary>
        private sealed class Outcome
        {
            public Status Status { get; set; }

            public Result[] Results { get; set; }

            public string Message { get; set; }
        }

        private static Outcome Notify(Inputs inputs)
        {
            Task<Result[]> task = inputs.Session.SubmitAsync(inputs.Batch(), Options(inputs));
            Outcome outcome;
            try
            {
                if (!task.Wait(PatienceMs))
                {
                    throw new FailureException("the batch was not done in " + PatienceMs + " ms");
                }
                bool refused = task.Result.Any(result => result.Status != Status.Ok);
                outcome = new Outcome
                {
                    Status = refused ? Status.SomeRefused : Status.Ok,
                    Results = task.Result,
                    Message = "",
                };
            }
            catch (AggregateException failed)
            {
                QenexException error = failed.InnerException as QenexException;
                // The library tells a failed batch without results; a batch that was not queued is the call's error.
                if (error == null || !inputs.Expect.ContainsKey("completion"))
                {
                    throw failed.InnerException;
                }
                outcome = new Outcome { Status = error.Status, Results = new Result[0], Message = error.Explanation };
            }
            Map expected = inputs.Expect.ContainsKey("completion") ? (Map)inputs.Expect["completion"] : new Map();
            if (!expected.ContainsKey("status") && outcome.Status != Status.Ok)
            {
                throw new FailureException("the batch ended with " + outcome.Status);
            }
            return outcome;
        }
    }
}
