// Values of the conformance cases in C++: filling records, comparing answers, what is open. Records are filled and
// compared by the offsets of api.json, which the compiler has checked against the header (layout.h). For runner.cpp
// alone.
#ifndef QENEX_CONFORMANCE_CASES_HPP
#define QENEX_CONFORMANCE_CASES_HPP

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <mutex>

#include <nlohmann/json.hpp>

#include "layout.h"
#include "qenex.hpp"

namespace conformance
{

using Json = nlohmann::json;
using Bytes = std::string;

struct Failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

inline Json api;

Bytes hex(const std::string &digits)
{
    Bytes bytes;
    for (std::size_t at = 0; at + 1 < digits.size(); at += 2) {
        bytes.push_back(static_cast<char>(std::stoi(digits.substr(at, 2), nullptr, 16)));
    }
    return bytes;
}

Bytes text_of(const Json &value)
{
    if (value.is_array()) {
        // Days, as a calendar's holidays are written.
        Bytes bytes;
        for (const Json &day : value) {
            const qenex_date number = qenex::Date::parse(day.get<std::string>());
            bytes.append(reinterpret_cast<const char *>(&number), sizeof number);
        }
        return bytes;
    }
    return value.is_object() ? hex(value.at("hex")) : value.get<std::string>();
}

// A number, a constant, or flags together.
std::uint64_t number(const Json &value)
{
    if (value.is_array()) {
        std::uint64_t bits = 0;
        for (const Json &name : value) {
            bits |= number(name);
        }
        return bits;
    }
    if (value.is_string()) {
        return static_cast<std::uint64_t>(api.at("constants").at(value.get<std::string>()).get<std::int64_t>());
    }
    if (value.is_boolean()) {
        return value.get<bool>();
    }
    return value.is_number_unsigned() ? value.get<std::uint64_t>()
                                      : static_cast<std::uint64_t>(value.get<std::int64_t>());
}

qenex::Time time_of(const Json &value)
{
    return value.is_string() ? qenex::Time::parse(value.get<std::string>())
                             : qenex::Time(static_cast<std::int64_t>(number(value)));
}

// What is open in a case, and what was saved.
struct Case {
    std::string folder;
    // In this order sessions end before their engines.
    std::map<std::string, qenex::Engine> engines;
    std::map<std::string, qenex::Session> sessions;
    std::map<std::string, std::string> saved;
    std::map<std::string, std::shared_ptr<qenex::Records<qenex_feed_entry>>> pages;
    std::string last_engine, last_session;

    qenex::Engine &engine(const Json &with)
    {
        return engines.at(with.value("engine", last_engine));
    }
    qenex::Session &session(const Json &with)
    {
        return sessions.at(with.value("session", last_session));
    }
    std::string path(const std::string &text) const
    {
        return text.rfind("%/", 0) == 0 ? folder + text.substr(1) : text;
    }

    qenex::Id id(const Json &value) const
    {
        const std::string text = value;
        qenex::Id id;
        if (text == "none") {
            return id;
        }
        if (text == "reserved") {
            std::memset(id.bytes, 0xff, sizeof id.bytes);
        } else if (text[0] == '$') {
            std::memcpy(id.bytes, saved.at(text.substr(1)).data(), sizeof id.bytes);
        } else if (text[0] == '@') {
            std::memcpy(id.bytes, text.data(), text.size());
        } else {
            id = qenex::Id::parse(text);
        }
        return id;
    }
};

// A value of the case as the bytes of a field.
template <class Put> Bytes field_bytes(const Case &state, const std::string &type, const Json &value, Put put)
{
    const auto raw = [](const auto &plain) { return Bytes(reinterpret_cast<const char *>(&plain), sizeof plain); };
    if (type == "qenex_id") {
        return raw(static_cast<const qenex_id &>(state.id(value)));
    }
    if (type == "qenex_amount") {
        return raw(static_cast<const qenex_amount &>(qenex::Amount::parse(value.get<std::string>(), 0)));
    }
    if (type == "qenex_date") {
        return raw(value.is_string() ? static_cast<qenex_date>(qenex::Date::parse(value.get<std::string>()))
                                     : static_cast<qenex_date>(number(value)));
    }
    if (type == "qenex_time") {
        return raw(static_cast<qenex_time>(time_of(value)));
    }
    if (type == "qenex_text") {
        return raw(put(text_of(value)));
    }
    if (type == "uint8_t[16]") {
        return hex(value);
    }
    const std::uint64_t plain = number(value);
    if (type == "uint32_t" || type == "int32_t" || type == "qenex_status") {
        return raw(static_cast<std::uint32_t>(plain));
    }
    if (type == "uint64_t" || type == "int64_t") {
        return raw(plain);
    }
    throw Failure("the runner does not know the type " + type);
}

const Json &field_of(const std::string &record, const std::string &name)
{
    for (const Json &field : api.at("records").at(record).at("fields")) {
        if (field.at("name") == name) {
            return field;
        }
    }
    throw Failure(record + " has no field " + name);
}

template <class T, class Put> T fill(const Case &state, const char *record, const Json &value, Put put)
{
    T filled{};
    if (api.at("records").at(record).at("size") != sizeof(T)) {
        throw Failure(std::string(record) + " has another size");
    }
    for (const auto &[key, item] : value.items()) {
        const Json &field = field_of(record, key);
        if constexpr (std::is_same_v<T, qenex_schedule>) {
            if (key == "transfer") {
                filled.transfer = fill<qenex_transfer>(state, "qenex_transfer", item, put);
                continue;
            }
        }
        const Bytes bytes = field_bytes(state, field.at("type"), item, put);
        if (bytes.size() != field.at("size")) {
            throw Failure(key + " has another size");
        }
        std::memcpy(reinterpret_cast<char *>(&filled) + field.at("offset").get<std::size_t>(), bytes.data(),
                    bytes.size());
    }
    return filled;
}

template <class T> qenex::Batch<T> batch_of(const Case &state, const char *record, const Json &items)
{
    qenex::Batch<T> batch;
    for (const Json &item : items) {
        batch.add(fill<T>(state, record, item, [&](const Bytes &text) { return batch.put(text); }));
    }
    return batch;
}

void expect(bool holds, const std::string &what, const std::string &actual, const Json &expected)
{
    if (!holds) {
        throw Failure(what + " is " + actual + ", not " + expected.dump());
    }
}

void compare_text(const std::string &what, std::string_view actual, const Json &expected)
{
    const bool part = expected.is_object() && expected.contains("contains");
    const bool holds =
        part ? actual.find(expected.at("contains").get<std::string>()) != actual.npos : actual == text_of(expected);
    expect(holds, what, "'" + std::string(actual) + "'", expected);
}

void compare_number(const std::string &what, std::uint64_t actual, const Json &expected)
{
    const bool holds = expected.is_object()
                           ? static_cast<std::int64_t>(actual) > expected.at("above").get<std::int64_t>()
                           : actual == number(expected);
    expect(holds, what, std::to_string(actual), expected);
}

using Text = std::function<std::string_view(qenex_text)>;

// Compares the fields of a record that the case names.
void compare(const Case &state, const std::string &what, const std::string &record, const void *data,
             const Json &expected, const Text &text)
{
    for (const auto &[key, value] : expected.items()) {
        const Json &field = field_of(record, key);
        const std::string type = field.at("type"), name = what + "." + key;
        const char *at = static_cast<const char *>(data) + field.at("offset").get<std::size_t>();
        const std::size_t size = field.at("size");
        if (type == "qenex_text") {
            qenex_text found;
            std::memcpy(&found, at, sizeof found);
            if (value.is_array() && key == "texts") {
                const std::string_view array = text(found);
                for (std::size_t index = 0; index < value.size(); index++) {
                    if ((index + 1) * sizeof found > array.size()) {
                        throw Failure(name + " has too few texts");
                    }
                    qenex_text one;
                    std::memcpy(&one, array.data() + index * sizeof one, sizeof one);
                    compare_text(name, text(one), value[index]);
                }
            } else {
                compare_text(name, text(found), value);
            }
        } else if (type.rfind("char[", 0) == 0) {
            compare_text(name, at, value);
        } else if (type == "qenex_id" && value.is_object()) {
            expect(std::any_of(at, at + size, [](char byte) { return byte != 0; }), name, "none", value);
        } else if (type == "qenex_id" || type == "qenex_amount" || type == "uint8_t[16]") {
            const Bytes wanted = field_bytes(state, type, value, [](const Bytes &) { return qenex_text{}; });
            expect(std::memcmp(at, wanted.data(), size) == 0, name, "another", value);
        } else if (type.rfind("qenex_", 0) == 0 && api.at("records").contains(type)) {
            compare(state, name, type, at, value, text);
        } else if (size == 4) {
            std::uint32_t found;
            std::memcpy(&found, at, 4);
            if (value.is_object()) {
                compare_number(name, found, value);
            } else {
                const Bytes wanted = field_bytes(state, type, value, [](const Bytes &) { return qenex_text{}; });
                expect(std::memcmp(at, wanted.data(), 4) == 0, name, std::to_string(static_cast<std::int32_t>(found)),
                       value);
            }
        } else {
            std::uint64_t found;
            std::memcpy(&found, at, 8);
            if (type == "qenex_time" && !value.is_object()) {
                expect(static_cast<qenex_time>(time_of(value)) == static_cast<qenex_time>(found), name,
                       std::to_string(found), value);
            } else {
                compare_number(name, found, value);
            }
        }
    }
}

std::string_view no_text(qenex_text)
{
    return {};
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
