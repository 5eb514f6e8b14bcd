// How the conformance cases call in C++: arguments and options, what a call gave, answers of every shape. For
// runner.cpp alone.
#ifndef QENEX_CONFORMANCE_CASES_HPP
#define QENEX_CONFORMANCE_CASES_HPP

#include <condition_variable>
#include <mutex>

#include "values.hpp"

namespace conformance
{

std::string_view no_text(qenex_text)
{
    return {};
}

// Arguments of a step; what is left out is empty or zero.
std::string str(const Json &with, const char *key)
{
    return with.value(key, std::string());
}
std::uint32_t u32(const Json &with, const char *key)
{
    return with.contains(key) ? static_cast<std::uint32_t>(number(with.at(key))) : 0;
}
std::uint64_t u64(const Json &with, const char *key)
{
    return with.contains(key) ? number(with.at(key)) : 0;
}
qenex::Amount minor(const Json &with, const char *key)
{
    return qenex::Amount::parse(with.at(key).get<std::string>(), 0);
}

// What a call gave: comparisons by the key of the expectation, and what a later step may save.
struct Answers {
    std::map<std::string, std::function<void(const Json &)>> checks;
    std::map<std::string, std::string> values;
    qenex_status status = QENEX_OK;
};

using Call = std::function<Answers(Case &, const Json &)>;

template <class T> void worst(Answers &answers, const T &rows)
{
    for (const auto &row : rows) {
        if (row.status != QENEX_OK) {
            answers.status = QENEX_SOME_REFUSED;
        }
    }
}

template <class Rows>
void compare_rows(const Case &state, const char *what, const char *record, const Rows &rows, const Json &expected,
                  const Text &text)
{
    expect(rows.size() == expected.size(), what, std::to_string(rows.size()), expected.size());
    std::size_t index = 0;
    for (const auto &row : rows) {
        compare(state, std::string(what) + "[" + std::to_string(index) + "]", record, &row, expected[index], text);
        index++;
    }
}

Answers results_of(const Case &state, std::vector<qenex_result> results)
{
    Answers answers;
    worst(answers, results);
    auto kept = std::make_shared<std::vector<qenex_result>>(std::move(results));
    answers.checks["results"] = [kept, &state](const Json &expected) {
        compare_rows(state, "results", "qenex_result", *kept, expected, no_text);
    };
    return answers;
}

template <class T>
constexpr bool has_status = std::is_same_v<T, qenex_account_record> || std::is_same_v<T, qenex_transfer_record> ||
                            std::is_same_v<T, qenex_hold_record>;

template <class T> Answers rows_of(const Case &state, const char *record, qenex::Records<T> found)
{
    Answers answers;
    auto kept = std::make_shared<qenex::Records<T>>(std::move(found));
    if constexpr (has_status<T>) {
        worst(answers, *kept);
    }
    answers.checks["records"] = [kept, record, &state](const Json &expected) {
        compare_rows(state, "records", record, *kept, expected, [&](qenex_text at) { return kept->text(at); });
        if (!expected.empty()) {
            compare(state, "records[0]", record, &(*kept)[0], expected[0],
                    [&](qenex_text at) { return kept->text(at); });
        }
    };
    answers.checks["count"] = [kept](const Json &expected) { compare_number("count", kept->size(), expected); };
    answers.checks["cursor"] = [kept](const Json &expected) {
        expect(expected.get<bool>() == !kept->cursor().empty(), "cursor", "otherwise", expected);
    };
    answers.values["cursor"] = std::string(kept->cursor());
    return answers;
}

Answers said(const char *key, std::string text)
{
    Answers answers;
    answers.checks[key] = [text, key](const Json &expected) { compare_text(key, text, expected); };
    return answers;
}

Answers counted(const char *key, std::uint64_t value)
{
    Answers answers;
    answers.checks[key] = [value, key](const Json &expected) {
        if (std::string_view(key) == "date") {
            compare_number(key, value, static_cast<qenex_date>(qenex::Date::parse(expected.get<std::string>())));
        } else {
            compare_number(key, value, expected);
        }
    };
    return answers;
}

template <class T> Answers filled(const Case &state, const char *key, const char *record, T value)
{
    Answers answers;
    answers.checks[key] = [=, &state](const Json &expected) { compare(state, key, record, &value, expected, no_text); };
    return answers;
}

Answers made_id(const Case &state, qenex::Id id)
{
    Answers answers;
    answers.values["id"] = std::string(reinterpret_cast<const char *>(id.bytes), sizeof id.bytes);
    answers.checks["id"] = [id, &state](const Json &expected) {
        expect(expected.is_object() ? !id.is_none() : id == state.id(expected), "id", id.to_string(), expected);
    };
    return answers;
}

Answers amount(const char *key, qenex::Amount value)
{
    return said(key, value.to_string(0));
}

qenex::ExecuteOptions options_of(const Case &state, const Json &with)
{
    qenex::ExecuteOptions options;
    if (with.contains("options")) {
        const qenex_execute_options given = fill<qenex_execute_options>(
            state, "qenex_execute_options", with.at("options"), [](const Bytes &) { return qenex_text{}; });
        static_cast<qenex_execute_options &>(options) = given;
        options.struct_size = sizeof given;
    }
    return options;
}

// The record of a kind of commands, added to a mixed batch.
void add_command(const Case &state, qenex::Commands &commands, const Json &item)
{
    const std::string kind = item.at("kind");
    const auto number_of = static_cast<std::uint32_t>(number(item.at("kind")));
    const auto put = [&](const Bytes &text) { return commands.put(text); };
    const Json &record = item.at("record");
    switch (number_of) {
    case QENEX_COMMAND_ACCOUNT:
        return commands.add_command(number_of, fill<qenex_account>(state, "qenex_account", record, put));
    case QENEX_COMMAND_TRANSFER:
        return commands.add_command(number_of, fill<qenex_transfer>(state, "qenex_transfer", record, put));
    case QENEX_COMMAND_REVERSAL:
        return commands.add_command(number_of, fill<qenex_reversal>(state, "qenex_reversal", record, put));
    case QENEX_COMMAND_HOLD:
        return commands.add_command(number_of, fill<qenex_hold>(state, "qenex_hold", record, put));
    case QENEX_COMMAND_HOLD_RELEASE:
        return commands.add_command(number_of, fill<qenex_hold_release>(state, "qenex_hold_release", record, put));
    case QENEX_COMMAND_HOST_RECORD:
        return commands.add_command(number_of, fill<qenex_host_record>(state, "qenex_host_record", record, put));
    case QENEX_COMMAND_TIME_ADVANCE:
        return commands.add_command(number_of, fill<qenex_time_advance>(state, "qenex_time_advance", record, put));
    case QENEX_COMMAND_POSITION:
        return commands.add_command(number_of, fill<qenex_position>(state, "qenex_position", record, put));
    case QENEX_COMMAND_EXCHANGE:
        return commands.add_command(number_of, fill<qenex_exchange>(state, "qenex_exchange", record, put));
    case QENEX_COMMAND_REVALUATION:
        return commands.add_command(number_of, fill<qenex_revaluation>(state, "qenex_revaluation", record, put));
    case QENEX_COMMAND_SPLIT:
        return commands.add_command(number_of, fill<qenex_split>(state, "qenex_split", record, put));
    case QENEX_COMMAND_ACCRUAL:
        return commands.add_command(number_of, fill<qenex_accrual>(state, "qenex_accrual", record, put));
    case QENEX_COMMAND_ACCRUAL_POST:
        return commands.add_command(number_of, fill<qenex_accrual_post>(state, "qenex_accrual_post", record, put));
    case QENEX_COMMAND_STATEMENT_CUT:
        return commands.add_command(number_of, fill<qenex_statement_cut>(state, "qenex_statement_cut", record, put));
    case QENEX_COMMAND_GL_CODE:
        return commands.add_command(number_of, fill<qenex_gl_code>(state, "qenex_gl_code", record, put));
    case QENEX_COMMAND_GL_ASSIGNMENT:
        return commands.add_command(number_of, fill<qenex_gl_assignment>(state, "qenex_gl_assignment", record, put));
    case QENEX_COMMAND_IMPORT_BEGIN:
        return commands.add_command(number_of, fill<qenex_import_begin>(state, "qenex_import_begin", record, put));
    case QENEX_COMMAND_IMPORT_TRANSFER:
        return commands.add_command(number_of,
                                    fill<qenex_import_transfer>(state, "qenex_import_transfer", record, put));
    case QENEX_COMMAND_IMPORT_PROOF:
        return commands.add_command(number_of, fill<qenex_import_proof>(state, "qenex_import_proof", record, put));
    case QENEX_COMMAND_GO_LIVE:
        return commands.add_command(number_of, fill<qenex_go_live>(state, "qenex_go_live", record, put));
    case QENEX_COMMAND_RETENTION:
        return commands.add_command(number_of, fill<qenex_retention>(state, "qenex_retention", record, put));
    default:
        throw Failure("the runner does not know the command " + kind);
    }
}

qenex::Commands commands_of(const Case &state, const Json &items)
{
    qenex::Commands commands;
    for (const Json &item : items) {
        add_command(state, commands, item);
    }
    return commands;
}

std::vector<qenex_id> ids_of(const Case &state, const Json &with)
{
    std::vector<qenex_id> ids;
    for (const Json &id : with.at("ids")) {
        ids.push_back(state.id(id));
    }
    return ids;
}

qenex::Batch<qenex_account_key> one_key(const Case &state, const Json &with)
{
    return batch_of<qenex_account_key>(state, "qenex_account_key", Json::array({with.at("key")}));
}

template <class T, class Method> Call bulk(const char *parameter, const char *record, Method method)
{
    return [=](Case &state, const Json &with) {
        const auto batch = batch_of<T>(state, record, with.at(parameter));
        return results_of(state, (state.session(with).*method)(batch, options_of(state, with)));
    };
}

// One-line calls throw Refused where C answers with a refused result.
template <class Method> Call simple(Method method)
{
    return [=](Case &state, const Json &with) {
        Answers answers;
        qenex_result result{};
        qenex_status status = QENEX_OK;
        try {
            result = method(state, with);
        } catch (const qenex::Refused &refused) {
            result = refused.result();
            status = QENEX_SOME_REFUSED;
        }
        answers = filled(state, "result", "qenex_result", result);
        answers.status = status;
        return answers;
    };
}

qenex::Options open_options(const Case &, const Json &given)
{
    qenex::Options options;
    for (const auto &[key, value] : given.items()) {
        if (key == "clock") {
            const qenex::Time told = time_of(value);
            options.on_clock([told] { return told; });
        } else if (key == "log") {
            options.on_log([](std::uint32_t, std::string_view, std::string_view) {});
        } else if (key != "path") {
            const Json &field = field_of("qenex_options", key);
            const std::uint64_t plain = number(value);
            std::memcpy(reinterpret_cast<char *>(static_cast<qenex_options *>(&options)) +
                            field.at("offset").get<std::size_t>(),
                        &plain, field.at("size").get<std::size_t>());
        }
    }
    return options;
}

Answers collect(Case &state, const Json &with)
{
    Answers answers;
    const std::size_t wanted = std::max<std::size_t>(with.at("wanted").get<std::size_t>(), 1);
    auto pages = std::make_shared<std::vector<qenex::Records<qenex_completion>>>();
    std::size_t done = 0;
    while (done < wanted) {
        pages->push_back(state.engine(with).collect(static_cast<std::uint32_t>(number(with.at("timeout_ms"))),
                                                    number(with.at("max"))));
        done += pages->back().size();
    }
    answers.checks["completions"] = [pages, done, &state](const Json &expected) {
        compare_number("completions", done, expected.size());
        for (const auto &page : *pages) {
            for (const qenex_completion &completion : page) {
                Json wanted_fields;
                for (const Json &one : expected) {
                    if (one.at("tag").get<std::uint64_t>() == completion.tag) {
                        wanted_fields = one;
                    }
                }
                if (wanted_fields.is_null()) {
                    throw Failure("no batch was submitted as " + std::to_string(completion.tag));
                }
                const Json results = wanted_fields.at("results");
                wanted_fields.erase(wanted_fields.find("results"));
                compare(state, "completion", "qenex_completion", &completion, wanted_fields,
                        [&](qenex_text at) { return page.text(at); });
                compare_rows(state, "results", "qenex_result", page.results(completion), results, no_text);
            }
        }
    };
    return answers;
}

qenex::AsOf as_of_of(const Case &state, const Json &with)
{
    qenex::AsOf as_of;
    if (with.contains("as_of")) {
        static_cast<qenex_as_of_options &>(as_of) = fill<qenex_as_of_options>(
            state, "qenex_as_of_options", with.at("as_of"), [](const Bytes &) { return qenex_text{}; });
        as_of.struct_size = sizeof(qenex_as_of_options);
    }
    return as_of;
}

// Options with a cursor that an earlier step saved, which lives in the case.
template <class Options, class Raw> Options paged(const Case &state, const char *record, Json given)
{
    Options options;
    const std::string saved = given.value("cursor", std::string());
    given.erase("cursor");
    static_cast<Raw &>(options) = fill<Raw>(state, record, given, [](const Bytes &) { return qenex_text{}; });
    options.struct_size = sizeof(Raw);
    if (!saved.empty()) {
        options.go_on(state.saved.at(saved.substr(1)));
    }
    return options;
}

Answers balances(Case &state, const Json &with)
{
    const qenex::AsOf as_of = as_of_of(state, with);
    auto found = std::make_shared<std::vector<qenex_balance>>(state.session(with).get_balances(
        batch_of<qenex_account_key>(state, "qenex_account_key", with.at("keys")), as_of));
    Answers answers;
    worst(answers, *found);
    answers.checks["balances"] = [found, &state](const Json &expected) {
        compare_rows(state, "balances", "qenex_balance", *found, expected, no_text);
    };
    return answers;
}

// What a completion callback was told, and whether it was.
struct Told {
    std::mutex lock;
    std::condition_variable changed;
    int times = 0;
    qenex_status status = QENEX_OK;
    std::vector<qenex_result> results;
    std::string message;
};

template <class Batch> Answers notified(Case &state, const Json &with, std::uint32_t kind, const Batch &batch)
{
    auto told = std::make_shared<Told>();
    state.session(with).submit_notify(
        kind, batch,
        [told](qenex_status status, qenex::Span<const qenex_result> results, std::string_view message) {
            const std::lock_guard<std::mutex> hold(told->lock);
            told->times++;
            told->status = status;
            told->results.assign(results.begin(), results.end());
            told->message = message;
            told->changed.notify_one();
        },
        options_of(state, with));
    std::unique_lock<std::mutex> hold(told->lock);
    if (!told->changed.wait_for(hold, std::chrono::seconds(60), [&] { return told->times > 0; })) {
        throw Failure("no completion was told");
    }
    Answers answers;
    answers.checks["completion"] = [told, &state](const Json &expected) {
        compare_number("completion.status", static_cast<std::uint64_t>(static_cast<std::int64_t>(told->status)),
                       expected.value("status", Json("QENEX_OK")));
        compare_rows(state, "completion.results", "qenex_result", told->results, expected.at("results"), no_text);
        if (expected.contains("message")) {
            compare_text("completion.message", told->message, expected.at("message"));
        }
    };
    return answers;
}

} // namespace conformance

#endif
