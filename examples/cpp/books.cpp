// The books of a small bank: a currency exchange, a revaluation, a split, interest that accrues by fractions of a cent,
// a statement with a number, and the general ledger.
#include <iostream>

#include <qenex.hpp>

namespace
{

constexpr std::uint32_t USD = 840, CZK = 203;

// Ends the program with the reason when an item was refused.
void expect_all(const std::vector<qenex_result> &results)
{
    for (const qenex_result &result : results) {
        if (result.status != QENEX_OK) {
            throw qenex::Refused(result);
        }
    }
}

void open_bank(const qenex::Session &teller)
{
    // The first currency is the functional one.
    teller.create_account("EVA", "USD", "1000.00");
    teller.create_account("ADAM", "USD");
    teller.create_account("EVA-CZK", "CZK");

    qenex::Batch<qenex_account> accounts;
    const auto open = [&](const char *number, std::uint32_t kind, const char *gl_code) {
        qenex_account &account = accounts.add();
        account.id = qenex::Id::make();
        account.kind = kind;
        account.number = accounts.put(number);
        account.gl_code = accounts.put(gl_code);
    };
    open("POSITION-USD", QENEX_ACCOUNT_KIND_ASSET, "1900");
    open("POSITION-CZK", QENEX_ACCOUNT_KIND_ASSET, "1900");
    open("FX-RESULT", QENEX_ACCOUNT_KIND_INCOME, "6000");
    open("INTEREST", QENEX_ACCOUNT_KIND_EXPENSE, "5000");
    expect_all(teller.open_accounts(accounts));

    qenex::Batch<qenex_position> positions;
    for (const auto &[number, asset] : {std::pair("POSITION-USD", USD), std::pair("POSITION-CZK", CZK)}) {
        qenex_position &position = positions.add();
        position.key = qenex::Id::make();
        position.account_number = positions.put(number);
        position.asset = asset;
    }
    expect_all(teller.register_positions(positions));
}

} // namespace

int main()
try {
    qenex::Engine bank = qenex::Engine::in_memory();
    qenex::Session teller = bank.session("teller");
    open_bank(teller);
    const qenex::Date today = teller.list_entities()[0].business_date;

    // 100.00 USD for crowns: the bank is long of dollars and short of crowns.
    teller.exchange("EVA", "EVA-CZK", "100.00", "USD", "CZK", "23.50");
    std::cout << "EVA-CZK " << teller.balance_text("EVA-CZK", "CZK") << " CZK\n";

    // At the end of the day a crown is worth 0.0420 USD: 2,350.00 CZK cost 100.00 and are worth 98.70.
    qenex::Batch<qenex_revaluation> revaluations;
    qenex_revaluation &revaluation = revaluations.add();
    revaluation.key = qenex::Id::make();
    revaluation.account_number = revaluations.put("FX-RESULT");
    revaluation.asset = CZK;
    revaluation.date = today;
    revaluation.rate = qenex::Amount(420);
    revaluation.rate_scale = 4;
    revaluation.rounding = QENEX_ROUNDING_HALF_EVEN;
    const auto revalued = teller.post_revaluations(revaluations);
    expect_all(revalued);
    std::cout << "gain " << qenex::Amount(revalued[0].amount).to_string(2) << " USD\n";

    // 10.00 USD split two to one.
    qenex::Batch<qenex_split> splits;
    std::vector<qenex_split_part> parts(2);
    parts[0].credit_number = splits.put("ADAM");
    parts[0].weight = 2;
    parts[1].credit_number = splits.put("INTEREST");
    parts[1].weight = 1;
    qenex_split &split = splits.add();
    split.id = qenex::Id::make();
    split.debit_number = splits.put("EVA");
    split.asset = USD;
    split.amount = qenex::Amount(1000);
    split.parts = splits.put_array<qenex_split_part>(parts);
    expect_all(teller.split_transfers(splits));
    std::cout << "ADAM " << teller.balance_text("ADAM", "USD") << " USD\n";

    // Interest of 0.6172 cents a day for three days; the whole cent is paid, the rest stays.
    qenex::Batch<qenex_accrual> accruals;
    for (int day = 0; day < 3; day++) {
        qenex_accrual &accrual = accruals.add();
        accrual.key = qenex::Id::make();
        accrual.account_number = accruals.put("ADAM");
        accrual.name = accruals.put("interest");
        accrual.asset = USD;
        accrual.amount = qenex::Amount(6172);
        accrual.scale = 4;
    }
    expect_all(teller.add_accruals(accruals));
    qenex::Batch<qenex_accrual_post> posts;
    qenex_accrual_post &post = posts.add();
    post.id = qenex::Id::make();
    post.account_number = posts.put("ADAM");
    post.contra_number = posts.put("INTEREST");
    post.name = posts.put("interest");
    expect_all(teller.post_accruals(posts));
    qenex::Batch<qenex_account_key> adam;
    adam.add().number = adam.put("ADAM");
    adam[0].asset = USD;
    for (const qenex_accrual_record &accrual : teller.list_accruals(adam)) {
        std::cout << "paid " << qenex::Amount(accrual.posted).to_string(2) << ", kept "
                  << qenex::Amount(accrual.value).to_string(18) << " cents\n";
    }

    // A statement with a number, the same whenever it is asked for.
    qenex::Batch<qenex_statement_cut> cuts;
    qenex_statement_cut &cut = cuts.add();
    cut.key = qenex::Id::make();
    cut.account_number = cuts.put("ADAM");
    cut.asset = USD;
    const auto made = teller.cut_statements(cuts);
    expect_all(made);
    const auto issued = teller.issue_statement(adam, static_cast<std::uint32_t>(made[0].number));
    for (const qenex_issued_line &line : issued.lines) {
        std::cout << "  " << qenex::Amount(line.change).to_string(2) << ' ' << qenex::Amount(line.balance).to_string(2)
                  << '\n';
    }
    std::cout << "statement " << issued.statement.number << " ends with "
              << qenex::Amount(issued.statement.closing).to_string(2) << '\n';

    // The general ledger: debits equal credits, and the sub-ledger reconciles to the cent.
    qenex::Amount debits, credits;
    for (const qenex_gl_line &line : teller.gl_trial_balance(today)) {
        if (line.asset == USD) {
            debits += line.debit;
            credits += line.credit;
        }
    }
    std::cout << "trial balance " << debits.to_string(2) << " = " << credits.to_string(2) << " USD\n";
    for (const qenex_gl_difference &line : teller.reconcile_gl(today)) {
        if (qenex::Amount(line.difference) != qenex::Amount()) {
            std::cout << "the file is damaged\n";
        }
    }
    return 0;
} catch (const qenex::Error &error) {
    std::cerr << error.name() << ": " << error.what() << '\n';
    return 1;
}
