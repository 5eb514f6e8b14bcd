// A bank's day in C++: accounts, a batch, a hold and its capture, a reversal, a statement, and an error handled.
// Usage: bank [FILE]; the file must not exist. Without one the bank lives in memory.
#include <iostream>

#include <qenex.hpp>

namespace
{

// The number of the asset USD is its ISO 4217 number.
constexpr std::uint32_t usd = 840;

// Throws unless every item of a batch was applied.
void expect_all(const std::vector<qenex_result> &results)
{
    for (std::size_t item = 0; item < results.size(); item++) {
        if (results[item].status != QENEX_OK) {
            throw qenex::Error(results[item].status, qenex_status_explanation(results[item].status),
                               static_cast<std::int64_t>(item));
        }
    }
}

} // namespace

int main(int count, char **arguments)
try {
    qenex::Engine bank = count > 1 ? qenex::Engine(arguments[1]) : qenex::Engine::in_memory();
    qenex::Session teller = bank.session("teller");

    // Accounts, one line each.
    teller.create_account("ACC001", "USD", "250.00");
    teller.create_account("ACC002", "USD");
    teller.create_account("HOTEL", "USD");

    // A batch: each payment has an id, so that repeating the batch repeats no payment.
    qenex::Batch<qenex_transfer> payments;
    const qenex::Id rent = qenex::Id::make();
    for (const char *amount : {"100.00", "0.50"}) {
        qenex_transfer &payment = payments.add();
        payment.id = payments.size() == 1 ? rent : qenex::Id::make();
        payment.debit_number = payments.put("ACC001");
        payment.credit_number = payments.put("ACC002");
        payment.amount = qenex::Amount::parse(amount, 2);
        payment.asset = usd;
        payment.narrative = payments.put(payments.size() == 1 ? "rent" : "fee");
    }
    expect_all(teller.create_transfers(payments));

    // A hold, and a part of it captured; the rest is given back.
    qenex::Batch<qenex_hold> holds;
    qenex_hold &hold = holds.add();
    const qenex::Id hotel = qenex::Id::make();
    hold.id = hotel;
    hold.debit_number = holds.put("ACC001");
    hold.credit_number = holds.put("HOTEL");
    hold.amount = qenex::Amount(8000);
    hold.asset = usd;
    expect_all(teller.place_holds(holds));
    qenex::Batch<qenex_hold_capture> captures;
    qenex_hold_capture &capture = captures.add();
    capture.id = qenex::Id::make();
    capture.hold = hotel;
    capture.amount = qenex::Amount(7250);
    capture.flags = QENEX_HOLD_LAST;
    capture.narrative = captures.put("one night");
    expect_all(teller.capture_holds(captures));

    // A part of the rent is given back.
    qenex::Batch<qenex_reversal> reversals;
    qenex_reversal &reversal = reversals.add();
    reversal.id = qenex::Id::make();
    reversal.original = rent;
    reversal.amount = qenex::Amount(2000);
    expect_all(teller.reverse_transfers(reversals));

    // An error handled: with exceptions, and without.
    try {
        teller.transfer("ACC001", "ACC002", "1000.00", "USD");
    } catch (const qenex::Refused &refused) {
        std::cout << "refused: " << refused.name() << '\n';
    }
    if (auto paid = teller.no_throw().transfer("ACC001", "ACC002", "1.005", "USD"); !paid) {
        std::cout << "refused: " << paid.error().what() << '\n';
    }

    // The statement, the newest line first.
    qenex::Batch<qenex_account_key> keys;
    qenex_account_key &key = keys.add();
    key.number = keys.put("ACC001");
    key.asset = usd;
    const auto lines = teller.statement(keys);
    for (const qenex_statement_line &line : lines) {
        std::cout << qenex::Date(line.transfer.booking_date).to_string() << "  "
                  << qenex::Amount(line.change).to_string(2) << "  " << qenex::Amount(line.balance).to_string(2) << "  "
                  << lines.text(line.transfer.narrative) << '\n';
    }
    std::cout << "ACC001: " << teller.balance_text("ACC001", "USD") << " USD\n";
    bank.close();
    return 0;
} catch (const qenex::Error &error) {
    std::cerr << error.name() << ": " << error.what() << '\n';
    return 1;
}
