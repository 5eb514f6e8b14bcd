// Values of the conformance cases in C++: what is open, filling records and comparing them by the offsets of api.json,
// which the compiler has checked against the header (layout.h). For runner.cpp alone.
#ifndef QENEX_CONFORMANCE_VALUES_HPP
#define QENEX_CONFORMANCE_VALUES_HPP

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>

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
        if constexpr (std::is_same_v<T, qenex_schedule> || std::is_same_v<T, qenex_import_transfer>) {
            if (key == "transfer") {
                filled.transfer = fill<qenex_transfer>(state, "qenex_transfer", item, put);
                continue;
            }
        }
        if constexpr (std::is_same_v<T, qenex_split>) {
            if (key == "parts") {
                std::string parts;
                for (const Json &one : item) {
                    const auto part = fill<qenex_split_part>(state, "qenex_split_part", one, put);
                    parts.append(reinterpret_cast<const char *>(&part), sizeof part);
                }
                filled.parts = put(parts);
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

} // namespace conformance

#endif
