// Runs the cases of tests/conformance through qenex.hpp. See tests/conformance/README.md.
//
//     runner FOLDER-OF-CONFORMANCE FOLDER-FOR-FILES
#include "books.hpp"

// Every call compiles in the form that does not throw, too.
template class qenex::detail::Payments<qenex::detail::Returning>;
template class qenex::detail::Accounts<qenex::detail::Returning>;
template class qenex::detail::Days<qenex::detail::Returning>;
template class qenex::detail::Books<qenex::detail::Returning>;
template class qenex::detail::Operations<qenex::detail::Returning>;

namespace
{

using namespace conformance;
using qenex::Amount;
using qenex::Date;
using qenex::Id;
using qenex::Session;
using qenex::Time;

// Functions without a file.
void add_values(std::map<std::string, Call> &calls)
{
    calls["qenex_version"] = [](Case &, const Json &) { return said("returns", qenex::version()); };
    calls["qenex_abi_version"] = [](Case &, const Json &) { return counted("returns", qenex_abi_version()); };
    calls["qenex_has_feature"] = [](Case &, const Json &with) {
        return counted("returns", qenex::has_feature(str(with, "name")));
    };
    calls["qenex_status_name"] = [](Case &, const Json &with) {
        return said("returns", qenex::Error(static_cast<qenex_status>(number(with.at("status"))), "").name());
    };
    calls["qenex_status_explanation"] = [](Case &, const Json &with) {
        return said("returns", qenex_status_explanation(static_cast<qenex_status>(number(with.at("status")))));
    };
    calls["qenex_id_new"] = [](Case &state, const Json &) { return made_id(state, Id::make()); };
    calls["qenex_id_parse"] = [](Case &state, const Json &with) {
        return made_id(state, Id::parse(str(with, "text")));
    };
    calls["qenex_id_format"] = [](Case &state, const Json &with) {
        return said("text", state.id(with.at("id")).to_string());
    };
    calls["qenex_time_now"] = [](Case &, const Json &) {
        return counted("returns", static_cast<std::uint64_t>(static_cast<qenex_time>(Time::now())));
    };
    calls["qenex_time_parse"] = [](Case &, const Json &with) {
        return counted("time", static_cast<std::uint64_t>(static_cast<qenex_time>(Time::parse(str(with, "text")))));
    };
    calls["qenex_time_format"] = [](Case &, const Json &with) {
        return said("text", time_of(with.at("time")).to_string());
    };
    calls["qenex_date_parse"] = [](Case &, const Json &with) {
        return counted("date", static_cast<std::uint64_t>(static_cast<qenex_date>(Date::parse(str(with, "text")))));
    };
    calls["qenex_date_format"] = [](Case &, const Json &with) {
        return said("text", Date::parse(str(with, "date")).to_string());
    };
    calls["qenex_date_add_days"] = [](Case &, const Json &with) {
        const Date day = Date::parse(str(with, "date")).add_days(with.at("days").get<std::int32_t>());
        return counted("date", static_cast<std::uint64_t>(static_cast<qenex_date>(day)));
    };
    calls["qenex_currency_by_code"] = [](Case &state, const Json &with) {
        return filled(state, "currency", "qenex_currency", qenex::currency(std::string_view(str(with, "code"))));
    };
    calls["qenex_currency_by_number"] = [](Case &state, const Json &with) {
        return filled(state, "currency", "qenex_currency", qenex::currency(u32(with, "number")));
    };
    calls["qenex_amount_parse"] = [](Case &, const Json &with) {
        return amount("amount", Amount::parse(str(with, "text"), u32(with, "scale")));
    };
    calls["qenex_amount_format"] = [](Case &, const Json &with) {
        return said("text", minor(with, "amount").to_string(u32(with, "scale")));
    };
    calls["qenex_amount_add"] = [](Case &, const Json &with) {
        return amount("sum", minor(with, "a") + minor(with, "b"));
    };
    calls["qenex_amount_subtract"] = [](Case &, const Json &with) {
        return amount("difference", minor(with, "a") - minor(with, "b"));
    };
    calls["qenex_amount_compare"] = [](Case &, const Json &with) {
        return counted("returns", static_cast<std::uint64_t>(
                                      static_cast<std::int64_t>(minor(with, "a").compare(minor(with, "b")))));
    };
}

void add_commands(std::map<std::string, Call> &calls)
{
    calls["qenex_transfers_create"] = bulk<qenex_transfer>("transfers", "qenex_transfer", &Session::create_transfers);
    calls["qenex_transfers_reverse"] = bulk<qenex_reversal>("reversals", "qenex_reversal", &Session::reverse_transfers);
    calls["qenex_holds_place"] = bulk<qenex_hold>("holds", "qenex_hold", &Session::place_holds);
    calls["qenex_holds_increase"] =
        bulk<qenex_hold_increase>("increases", "qenex_hold_increase", &Session::increase_holds);
    calls["qenex_holds_capture"] = bulk<qenex_hold_capture>("captures", "qenex_hold_capture", &Session::capture_holds);
    calls["qenex_holds_release"] = bulk<qenex_hold_release>("releases", "qenex_hold_release", &Session::release_holds);
    calls["qenex_entities_create"] = bulk<qenex_entity>("entities", "qenex_entity", &Session::create_entities);
    calls["qenex_assets_create"] = bulk<qenex_asset>("assets", "qenex_asset", &Session::create_assets);
    calls["qenex_accounts_open"] = bulk<qenex_account>("accounts", "qenex_account", &Session::open_accounts);
    calls["qenex_account_numbers_set"] =
        bulk<qenex_account_number>("numbers", "qenex_account_number", &Session::set_account_numbers);
    calls["qenex_account_blocks_set"] =
        bulk<qenex_account_block>("blocks", "qenex_account_block", &Session::set_account_blocks);
    calls["qenex_account_limits_set"] =
        bulk<qenex_account_limit>("limits", "qenex_account_limit", &Session::set_account_limits);
    calls["qenex_accounts_close"] =
        bulk<qenex_account_close>("accounts", "qenex_account_close", &Session::close_accounts);
    calls["qenex_business_dates_roll"] =
        bulk<qenex_business_date>("dates", "qenex_business_date", &Session::roll_business_dates);
    calls["qenex_periods_close"] = bulk<qenex_period_close>("periods", "qenex_period_close", &Session::close_periods);
    calls["qenex_host_records_put"] =
        bulk<qenex_host_record>("host_records", "qenex_host_record", &Session::put_host_records);
    calls["qenex_execute"] = [](Case &state, const Json &with) {
        return results_of(
            state, state.session(with).execute(commands_of(state, with.at("commands")), options_of(state, with)));
    };
    calls["qenex_time_advance_to"] = [](Case &state, const Json &with) {
        const qenex_result result = state.session(with).advance_time(time_of(with.at("to")), options_of(state, with));
        Answers answers = filled(state, "result", "qenex_result", result);
        answers.status = result.status == QENEX_OK ? QENEX_OK : QENEX_SOME_REFUSED;
        return answers;
    };
    calls["qenex_submit"] = [](Case &state, const Json &with) {
        const auto kind = static_cast<std::uint32_t>(number(with.at("kind")));
        const qenex::ExecuteOptions options = options_of(state, with);
        if (kind == QENEX_COMMAND_MIXED) {
            state.session(with).submit(kind, commands_of(state, with.at("records")), u64(with, "tag"), options);
        } else if (kind == QENEX_COMMAND_TRANSFER) {
            const auto batch = batch_of<qenex_transfer>(state, "qenex_transfer", with.at("records"));
            state.session(with).submit(kind, batch, u64(with, "tag"), options);
        } else {
            throw Failure("the runner does not submit " + str(with, "kind"));
        }
        return Answers();
    };
    calls["qenex_collect"] = collect;
    calls["qenex_account_open_simple"] = simple([](Case &state, const Json &with) {
        return state.session(with).create_account(str(with, "number"), str(with, "currency"),
                                                  str(with, "opening_balance"));
    });
    calls["qenex_transfer_simple"] = simple([](Case &state, const Json &with) {
        const auto id = with.contains("id") ? std::optional<Id>(state.id(with.at("id"))) : std::nullopt;
        return state.session(with).transfer(str(with, "from"), str(with, "to"), str(with, "amount"),
                                            str(with, "currency"), id);
    });
}

void add_questions(std::map<std::string, Call> &calls)
{
    calls["qenex_balances_get"] = balances;
    calls["qenex_balance_hierarchy"] = [](Case &state, const Json &with) {
        return filled(state, "balance", "qenex_balance", state.session(with).get_balance_below(one_key(state, with)));
    };
    calls["qenex_balance_text"] = [](Case &state, const Json &with) {
        // The form that does not throw: its error is thrown here, as the other form would.
        auto text = state.session(with).no_throw().balance_text(str(with, "number"), str(with, "currency"));
        if (!text) {
            throw text.error();
        }
        return said("text", *text);
    };
    calls["qenex_asset_number"] = [](Case &state, const Json &with) {
        return counted("number", state.session(with).asset_number(str(with, "code")));
    };
    calls["qenex_accounts_get"] = [](Case &state, const Json &with) {
        const auto keys = batch_of<qenex_account_key>(state, "qenex_account_key", with.at("keys"));
        return rows_of(state, "qenex_account_record", state.session(with).get_accounts(keys));
    };
    calls["qenex_accounts_list"] = [](Case &state, const Json &with) {
        const auto parent = with.contains("parent") ? std::optional<Id>(state.id(with.at("parent"))) : std::nullopt;
        return rows_of(state, "qenex_account_record",
                       state.session(with).list_accounts(parent, u64(with, "after"), u32(with, "limit")));
    };
    calls["qenex_entities_list"] = [](Case &state, const Json &with) {
        return rows_of(state, "qenex_entity_record", state.session(with).list_entities());
    };
    calls["qenex_assets_list"] = [](Case &state, const Json &with) {
        return rows_of(state, "qenex_asset_record", state.session(with).list_assets());
    };
    calls["qenex_host_record_get"] = [](Case &state, const Json &with) {
        return rows_of(state, "qenex_host_value",
                       state.session(with).get_host_record(str(with, "name_space"), text_of(with.at("record"))));
    };
    calls["qenex_trial_balance"] = [](Case &state, const Json &with) {
        return rows_of(state, "qenex_trial_line", state.session(with).trial_balance(u32(with, "entity")));
    };
    calls["qenex_transfers_get"] = [](Case &state, const Json &with) {
        return rows_of(state, "qenex_transfer_record", state.session(with).get_transfers(ids_of(state, with)));
    };
    calls["qenex_transaction_get"] = [](Case &state, const Json &with) {
        return rows_of(state, "qenex_transfer_record", state.session(with).get_transaction(state.id(with.at("id"))));
    };
    calls["qenex_transfers_by_reference"] = [](Case &state, const Json &with) {
        return rows_of(state, "qenex_transfer_record",
                       state.session(with).transfers_by_reference(str(with, "reference")));
    };
    calls["qenex_transfers_find"] = [](Case &state, const Json &with) {
        const auto filter =
            paged<qenex::TransferFilter, qenex_transfer_filter>(state, "qenex_transfer_filter", with.at("filter"));
        return rows_of(state, "qenex_transfer_record", state.session(with).find_transfers(filter));
    };
    calls["qenex_statement_get"] = [](Case &state, const Json &with) {
        const auto options = paged<qenex::StatementOptions, qenex_statement_options>(
            state, "qenex_statement_options", with.value("options", Json::object()));
        return rows_of(state, "qenex_statement_line", state.session(with).statement(one_key(state, with), options));
    };
    calls["qenex_holds_get"] = [](Case &state, const Json &with) {
        return rows_of(state, "qenex_hold_record", state.session(with).get_holds(ids_of(state, with)));
    };
    calls["qenex_holds_list"] = [](Case &state, const Json &with) {
        return rows_of(
            state, "qenex_hold_record",
            state.session(with).list_holds(state.id(with.at("account")), u64(with, "after"), u32(with, "limit")));
    };
    calls["qenex_feed_read"] = [](Case &state, const Json &with) {
        // Twice: one page is compared, the other is kept for the step that applies it.
        state.pages["feed"] = std::make_shared<qenex::Records<qenex_feed_entry>>(
            state.session(with).read_feed(u64(with, "after"), u32(with, "limit")));
        return rows_of(state, "qenex_feed_entry",
                       state.session(with).read_feed(u64(with, "after"), u32(with, "limit")));
    };
    calls["qenex_sequence_get"] = [](Case &state, const Json &with) {
        return counted("sequence", state.session(with).sequence());
    };
}

void add_engines(std::map<std::string, Call> &calls)
{
    calls["qenex_open"] = [](Case &state, const Json &with) {
        const Json &given = with.at("options");
        qenex::Engine engine(state.path(str(given, "path")), open_options(state, given));
        state.engines.erase(str(with, "as"));
        state.engines.emplace(str(with, "as"), std::move(engine));
        state.last_engine = str(with, "as");
        return Answers();
    };
    calls["qenex_session_open"] = [](Case &state, const Json &with) {
        Session session = state.engine(with).session(str(with, "principal"), str(with, "on_behalf_of"));
        state.sessions.emplace(str(with, "as"), std::move(session));
        state.last_session = str(with, "as");
        return Answers();
    };
    calls["qenex_session_free"] = [](Case &state, const Json &with) {
        state.session(with).close();
        return Answers();
    };
    calls["qenex_close"] = [](Case &state, const Json &with) {
        state.engine(with).close();
        return Answers();
    };
    calls["qenex_stats_get"] = [](Case &state, const Json &with) {
        return filled(state, "stats", "qenex_stats", state.engine(with).stats());
    };
    calls["qenex_backup"] = [](Case &state, const Json &with) {
        const std::string wanted = str(with, "progress");
        std::function<bool(std::uint64_t, std::uint64_t)> progress;
        if (!wanted.empty()) {
            progress = [wanted](std::uint64_t, std::uint64_t) { return wanted == "continue"; };
        }
        state.engine(with).backup(state.path(str(with, "path")), progress);
        return Answers();
    };
    calls["qenex_restore"] = [](Case &state, const Json &with) {
        qenex::restore(state.path(str(with, "backup")), state.path(str(with, "target")));
        return Answers();
    };
    calls["qenex_rebuild_caches"] = [](Case &state, const Json &with) {
        qenex::rebuild_caches(state.path(str(with, "path")));
        return Answers();
    };
    calls["qenex_upgrade"] = [](Case &state, const Json &with) {
        const auto formats = qenex::upgrade(state.path(str(with, "path")), u32(with, "dry_run") != 0);
        Answers answers = counted("from", formats.first);
        answers.checks["to"] = counted("to", formats.second).checks.at("to");
        return answers;
    };
    calls["qenex_integrity_check"] = [](Case &state, const Json &with) {
        return rows_of(state, "qenex_text", state.engine(with).integrity_check());
    };
    calls["qenex_state_hash"] = [](Case &state, const Json &with) {
        expect(state.engine(with).state_hash().size() == 32, "hash", "short", 32);
        return Answers();
    };
    calls["qenex_support_bundle"] = [](Case &state, const Json &with) {
        return said("text", state.engine(with).support_bundle());
    };
}

// Days and the life of accounts.
void add_days(std::map<std::string, Call> &calls)
{
    calls["qenex_calendars_set"] = bulk<qenex_calendar>("calendars", "qenex_calendar", &Session::set_calendars);
    calls["qenex_entity_rules_set"] =
        bulk<qenex_entity_rules>("rules", "qenex_entity_rules", &Session::set_entity_rules);
    calls["qenex_transfers_schedule"] =
        bulk<qenex_schedule>("schedules", "qenex_schedule", &Session::schedule_transfers);
    calls["qenex_schedules_cancel"] =
        bulk<qenex_schedule_cancel>("cancellations", "qenex_schedule_cancel", &Session::cancel_schedules);
    calls["qenex_day_end_portions"] = bulk<qenex_day_end>("day_ends", "qenex_day_end", &Session::seal_day_portions);
    calls["qenex_year_end_portions"] =
        bulk<qenex_year_end>("year_ends", "qenex_year_end", &Session::close_year_portions);
    calls["qenex_account_owners_set"] =
        bulk<qenex_account_owner>("owners", "qenex_account_owner", &Session::set_account_owners);
    calls["qenex_accounts_reactivate"] =
        bulk<qenex_reactivation>("reactivations", "qenex_reactivation", &Session::reactivate_accounts);
    calls["qenex_day_end_run"] = [](Case &state, const Json &with) {
        return ran(state, state.session(with).end_day(day(with, "day"), u32(with, "entity"), u32(with, "portion")));
    };
    calls["qenex_year_end_run"] = [](Case &state, const Json &with) {
        return ran(state, state.session(with).end_year(day(with, "through"), str(with, "retained"), u32(with, "entity"),
                                                       u32(with, "code")));
    };
    calls["qenex_business_date_next"] = [](Case &state, const Json &with) {
        return ran(state, state.session(with).next_business_date(u32(with, "entity")));
    };
    calls["qenex_calendars_list"] = [](Case &state, const Json &with) {
        return rows_of(state, "qenex_calendar_record", state.session(with).list_calendars());
    };
    calls["qenex_periods_list"] = [](Case &state, const Json &with) {
        return rows_of(state, "qenex_period_record", state.session(with).list_periods(u32(with, "entity")));
    };
    calls["qenex_sealed_balances_list"] = [](Case &state, const Json &with) {
        return rows_of(state, "qenex_sealed_balance",
                       state.session(with).list_sealed_balances(state.id(with.at("account")), u32(with, "asset"),
                                                                day(with, "first"), day(with, "last")));
    };
    calls["qenex_corrections_list"] = [](Case &state, const Json &with) {
        return rows_of(
            state, "qenex_correction",
            state.session(with).list_corrections(u32(with, "entity"), u64(with, "after"), u32(with, "limit")));
    };
    calls["qenex_schedules_list"] = [](Case &state, const Json &with) {
        return rows_of(state, "qenex_schedule_record",
                       state.session(with).list_schedules(u32(with, "entity"), u32(with, "waiting_only") != 0,
                                                          u64(with, "after"), u32(with, "limit")));
    };
    calls["qenex_account_owners_list"] = [](Case &state, const Json &with) {
        return rows_of(state, "qenex_owner_record",
                       state.session(with).list_account_owners(state.id(with.at("account"))));
    };
    calls["qenex_account_blocks_list"] = [](Case &state, const Json &with) {
        return rows_of(state, "qenex_block_record",
                       state.session(with).list_account_blocks(state.id(with.at("account"))));
    };
    calls["qenex_account_numbers_list"] = [](Case &state, const Json &with) {
        return rows_of(
            state, "qenex_account_number_record",
            state.session(with).list_account_numbers(one_key(state, with), u64(with, "after"), u32(with, "limit")));
    };
    calls["qenex_account_limits_list"] = [](Case &state, const Json &with) {
        return rows_of(state, "qenex_account_limit_record",
                       state.session(with).list_account_limits(one_key(state, with)));
    };
    calls["qenex_trial_balance_as_of"] = [](Case &state, const Json &with) {
        return rows_of(state, "qenex_trial_line",
                       state.session(with).trial_balance_as_of(as_of_of(state, with), u32(with, "entity")));
    };
    calls["qenex_trial_accounts_list"] = [](Case &state, const Json &with) {
        return rows_of(
            state, "qenex_trial_account",
            state.session(with).list_trial_accounts(fill<qenex_trial_options>(
                state, "qenex_trial_options", with.at("options"), [](const Bytes &) { return qenex_text{}; })));
    };
    calls["qenex_business_day_after"] = [](Case &state, const Json &with) {
        const qenex_date found = state.session(with).business_day_after(day(with, "day"), u32(with, "entity"));
        return counted("date", static_cast<std::uint64_t>(found));
    };
    calls["qenex_sequence_at"] = [](Case &state, const Json &with) {
        return counted("sequence", state.session(with).sequence_at(time_of(with.at("time"))));
    };
    calls["qenex_feed_apply"] = [](Case &state, const Json &with) {
        state.engine(with).apply_feed(*state.pages.at(str(with, "entries").substr(1)));
        return Answers();
    };
    calls["qenex_submit_notify"] = [](Case &state, const Json &with) {
        const auto kind = static_cast<std::uint32_t>(number(with.at("kind")));
        if (kind != QENEX_COMMAND_TRANSFER) {
            throw Failure("the runner does not submit " + str(with, "kind"));
        }
        return notified(state, with, kind, batch_of<qenex_transfer>(state, "qenex_transfer", with.at("records")));
    };
}

std::map<std::string, Call> all_calls()
{
    std::map<std::string, Call> calls;
    add_values(calls);
    add_commands(calls);
    add_questions(calls);
    add_engines(calls);
    add_days(calls);
    add_book_commands(calls);
    add_book_questions(calls);
    return calls;
}

void check_error(const qenex::Error &error, const Json &expected)
{
    const Json wanted = expected.value("error", Json::object());
    if (wanted.contains("item")) {
        expect(error.item() == wanted.at("item").get<std::int64_t>(), "error.item", std::to_string(error.item()),
               wanted.at("item"));
    }
    if (wanted.contains("sqlite")) {
        expect(error.sqlite_code() == wanted.at("sqlite").get<std::int32_t>(), "error.sqlite",
               std::to_string(error.sqlite_code()), wanted.at("sqlite"));
    }
    const std::string message = error.what();
    expect(message.size() > 7 && message.find(str(wanted, "message")) != message.npos, "error.message", message,
           wanted);
}

void run_step(const std::map<std::string, Call> &known, Case &state, const Json &step)
{
    const std::string name = step.at("call");
    const Json expected = step.value("expect", Json::object());
    const auto status = static_cast<qenex_status>(expected.contains("status") ? number(expected.at("status")) : 0);
    Json with = step.value("with", Json::object());
    if (step.contains("as")) {
        with["as"] = step.at("as");
    }
    with["wanted"] = expected.value("completions", Json::array()).size();
    const auto call = known.find(name);
    if (call == known.end()) {
        throw Failure("the runner does not know the function");
    }
    Answers answers;
    try {
        answers = call->second(state, with);
    } catch (const qenex::Error &error) {
        expect(error.status() == status, "status", std::string(error.name()) + " (" + error.what() + ")", expected);
        check_error(error, expected);
        return;
    }
    expect(answers.status == status, "status", qenex_status_name(answers.status), expected);
    for (const auto &[key, value] : expected.items()) {
        if (key == "status") {
            continue;
        }
        const auto check = answers.checks.find(key);
        if (check == answers.checks.end()) {
            throw Failure("the runner does not compare " + key);
        }
        check->second(value);
    }
    const Json save = step.value("save", Json::object());
    for (const auto &[variable, from] : save.items()) {
        if (from == "records") {
            state.pages[variable] = state.pages.at("feed");
        } else {
            state.saved[variable] = answers.values.at(from.get<std::string>());
        }
    }
}

} // namespace

int main(int count, char **arguments)
try {
    if (count != 3) {
        std::cerr << "usage: " << arguments[0] << " FOLDER-OF-CONFORMANCE FOLDER-FOR-FILES\n";
        return 2;
    }
    namespace fs = std::filesystem;
    const fs::path root = arguments[1];
    const auto read = [](const fs::path &path) { return Json::parse(std::ifstream(path)); };
    api = read(root / "api.json");
    const Json given = read(root / "given.json");
    const std::map<std::string, Call> known = all_calls();
    std::vector<fs::path> files;
    for (const auto &entry : fs::directory_iterator(root / "cases")) {
        files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    int passed = 0, failed = 0, skipped = 0;
    for (const fs::path &file : files) {
        for (const Json &entry : read(file)) {
            const std::string name = entry.at("case");
            if (entry.value("raw", false)) {
                std::cout << "skip " << name << '\n';
                skipped++;
                continue;
            }
            Json steps = entry.contains("given") ? given.at(entry.at("given").get<std::string>()) : Json::array();
            for (const Json &step : entry.at("steps")) {
                steps.push_back(step);
            }
            Case state;
            state.folder = std::string(arguments[2]) + "/" + std::to_string(passed + failed);
            fs::create_directories(state.folder);
            std::size_t index = 0;
            try {
                for (const Json &step : steps) {
                    run_step(known, state, step);
                    index++;
                }
                passed++;
                std::cout << "ok   " << name << '\n';
            } catch (const std::exception &error) {
                failed++;
                std::cerr << "FAIL " << name << ", step " << index << ", " << steps[index].at("call") << ": "
                          << error.what() << '\n';
            }
        }
    }
    std::cout << passed << " passed, " << failed << " failed, " << skipped << " skipped\n";
    return passed == 0 || failed != 0;
} catch (const std::exception &error) {
    std::cerr << error.what() << '\n';
    return 2;
}
