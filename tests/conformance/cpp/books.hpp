// The calls of the books: exchanges, splits, accruals, statements, the general ledger, the import, retention. For
// runner.cpp alone.
#ifndef QENEX_CONFORMANCE_BOOKS_HPP
#define QENEX_CONFORMANCE_BOOKS_HPP

#include "cases.hpp"

namespace conformance
{

std::string saved_cursor(const Case &state, const Json &with)
{
    const std::string variable = str(with, "cursor");
    return variable.empty() ? std::string() : state.saved.at(variable.substr(1));
}

qenex::Date day(const Json &with, const char *key)
{
    return qenex::Date::parse(with.at(key).get<std::string>());
}

std::optional<qenex::Id> optional_id(const Case &state, const Json &with, const char *key)
{
    return with.contains(key) ? std::optional<qenex::Id>(state.id(with.at(key))) : std::nullopt;
}

Answers ran(const Case &state, const qenex_result &result)
{
    Answers answers = filled(state, "result", "qenex_result", result);
    answers.status = result.status == QENEX_OK ? QENEX_OK : QENEX_SOME_REFUSED;
    return answers;
}

Answers allocated(Case &, const Json &with)
{
    std::vector<std::uint64_t> weights;
    for (const Json &weight : with.at("weights")) {
        weights.push_back(number(weight));
    }
    const std::vector<qenex::Amount> parts = qenex::allocate(minor(with, "total"), weights);
    Answers answers;
    answers.checks["parts"] = [parts](const Json &expected) {
        expect(parts.size() == expected.size(), "parts", std::to_string(parts.size()), expected);
        for (std::size_t index = 0; index < parts.size(); index++) {
            compare_text("parts", parts[index].to_string(0), expected[index]);
        }
    };
    return answers;
}

Answers journal(Case &state, const Json &with)
{
    const std::string cursor = saved_cursor(state, with);
    Answers answers = rows_of(state, "qenex_text",
                              state.session(with).gl_journal(day(with, "from"), day(with, "to"), u32(with, "format"),
                                                             u32(with, "entity"), u32(with, "limit"), cursor));
    const std::string text(state.session(with)
                               .gl_journal(day(with, "from"), day(with, "to"), u32(with, "format"), u32(with, "entity"),
                                           u32(with, "limit"), cursor)
                               .arena());
    answers.checks["text"] = [text](const Json &expected) { compare_text("text", text, expected); };
    return answers;
}

Answers issued(Case &state, const Json &with)
{
    // The form that does not throw: its error is thrown by value().
    qenex::IssuedStatement found =
        state.session(with)
            .no_throw()
            .issue_statement(one_key(state, with), u32(with, "number"), u64(with, "skip"), u32(with, "limit"))
            .value();
    const qenex_statement_record statement = found.statement;
    Answers answers = rows_of(state, "qenex_issued_line", std::move(found.lines));
    answers.checks["statement"] = [statement, &state](const Json &expected) {
        compare(state, "statement", "qenex_statement_record", &statement, expected, no_text);
    };
    return answers;
}

void add_book_commands(std::map<std::string, Call> &calls)
{
    using qenex::Session;
    calls["qenex_positions_register"] =
        bulk<qenex_position>("positions", "qenex_position", &Session::register_positions);
    calls["qenex_exchanges_create"] = bulk<qenex_exchange>("exchanges", "qenex_exchange", &Session::create_exchanges);
    calls["qenex_revaluations_post"] =
        bulk<qenex_revaluation>("revaluations", "qenex_revaluation", &Session::post_revaluations);
    calls["qenex_transfers_split"] = bulk<qenex_split>("splits", "qenex_split", &Session::split_transfers);
    calls["qenex_accruals_add"] = bulk<qenex_accrual>("accruals", "qenex_accrual", &Session::add_accruals);
    calls["qenex_accruals_post"] = bulk<qenex_accrual_post>("posts", "qenex_accrual_post", &Session::post_accruals);
    calls["qenex_statements_cut"] = bulk<qenex_statement_cut>("cuts", "qenex_statement_cut", &Session::cut_statements);
    calls["qenex_gl_codes_set"] = bulk<qenex_gl_code>("codes", "qenex_gl_code", &Session::set_gl_codes);
    calls["qenex_gl_assignments_set"] =
        bulk<qenex_gl_assignment>("assignments", "qenex_gl_assignment", &Session::assign_gl_codes);
    calls["qenex_transfers_import"] =
        bulk<qenex_import_transfer>("imports", "qenex_import_transfer", &Session::import_transfers);
    calls["qenex_imports_prove"] = bulk<qenex_import_proof>("proofs", "qenex_import_proof", &Session::prove_imports);
    calls["qenex_retentions_set"] = bulk<qenex_retention>("retentions", "qenex_retention", &Session::set_retentions);
    calls["qenex_import_start"] = [](Case &state, const Json &with) {
        return ran(state, state.session(with).start_import(optional_id(state, with, "key")));
    };
    calls["qenex_import_end"] = [](Case &state, const Json &with) {
        return ran(state, state.session(with).no_throw().end_import(optional_id(state, with, "key")).value());
    };
    calls["qenex_exchange_simple"] = simple([](Case &state, const Json &with) {
        return state.session(with).exchange(str(with, "from"), str(with, "to"), str(with, "amount"),
                                            str(with, "from_currency"), str(with, "to_currency"), str(with, "rate"),
                                            optional_id(state, with, "id"));
    });
    calls["qenex_allocate"] = allocated;
}

void add_book_questions(std::map<std::string, Call> &calls)
{
    calls["qenex_positions_list"] = [](Case &state, const Json &with) {
        return rows_of(state, "qenex_position_record", state.session(with).list_positions(u32(with, "entity")));
    };
    calls["qenex_functional_trial_balance"] = [](Case &state, const Json &with) {
        return rows_of(state, "qenex_functional_line",
                       state.session(with).functional_trial_balance(u32(with, "entity")));
    };
    calls["qenex_accruals_list"] = [](Case &state, const Json &with) {
        return rows_of(state, "qenex_accrual_record", state.session(with).list_accruals(one_key(state, with)));
    };
    calls["qenex_balances_daily"] = [](Case &state, const Json &with) {
        const auto keys = batch_of<qenex_account_key>(state, "qenex_account_key", with.at("keys"));
        return rows_of(state, "qenex_day_balance",
                       state.session(with).daily_balances(keys, day(with, "from"), day(with, "to"),
                                                          u32(with, "by_booking_date") != 0, u32(with, "limit"),
                                                          saved_cursor(state, with)));
    };
    calls["qenex_statements_list"] = [](Case &state, const Json &with) {
        return rows_of(
            state, "qenex_statement_record",
            state.session(with).list_statements(one_key(state, with), u32(with, "after"), u32(with, "limit")));
    };
    calls["qenex_statement_issue"] = issued;
    calls["qenex_gl_trial_balance"] = [](Case &state, const Json &with) {
        return rows_of(
            state, "qenex_gl_line",
            state.session(with).gl_trial_balance(day(with, "date"), u32(with, "entity"), u32(with, "group")));
    };
    calls["qenex_gl_reconcile"] = [](Case &state, const Json &with) {
        return rows_of(state, "qenex_gl_difference",
                       state.session(with).reconcile_gl(day(with, "date"), u32(with, "entity")));
    };
    calls["qenex_gl_journal"] = journal;
    calls["qenex_import_status_get"] = [](Case &state, const Json &with) {
        return filled(state, "import", "qenex_import_status", state.session(with).import_status());
    };
    calls["qenex_retention_get"] = [](Case &state, const Json &with) {
        return rows_of(state, "qenex_retention_record", state.session(with).get_retention(one_key(state, with)));
    };
    calls["qenex_personal_data_list"] = [](Case &state, const Json &with) {
        return rows_of(
            state, "qenex_personal_place",
            state.session(with).list_personal_data(one_key(state, with), u64(with, "after"), u32(with, "limit")));
    };
}

} // namespace conformance

#endif
