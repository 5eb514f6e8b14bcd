"""The books of a small bank: a currency exchange, a revaluation, a split, interest that accrues by fractions of a cent, a
statement with a number, the general ledger, and its journal as a file."""

import tempfile
from pathlib import Path

import qenex

USD, CZK = 840, 203


def expect_all(results: list[qenex.Result]) -> list[qenex.Result]:
    """Ends the program with the reason when an item was refused."""
    for result in results:
        if result.status != qenex.Status.OK:
            raise SystemExit(f"refused: {result.status.name}")
    return results


def open_bank(bank: qenex.Bank) -> None:
    # The first currency is the functional one.
    bank.create_account("EVA", "USD", "1000.00")
    bank.create_account("ADAM", "USD")
    bank.create_account("EVA-CZK", "CZK")
    kinds = qenex.AccountKind
    accounts = [
        ("POSITION-USD", kinds.ASSET, "1900"),
        ("POSITION-CZK", kinds.ASSET, "1900"),
        ("FX-RESULT", kinds.INCOME, "6000"),
        ("INTEREST", kinds.EXPENSE, "5000"),
    ]
    expect_all(
        bank.open_accounts(
            qenex.Account(id=qenex.new_id(), number=number, kind=kind, gl_code=gl_code)
            for number, kind, gl_code in accounts
        )
    )
    expect_all(
        bank.register_positions(
            qenex.Position(key=qenex.new_id(), account_number=number, asset=asset)
            for number, asset in (("POSITION-USD", USD), ("POSITION-CZK", CZK))
        )
    )


def main() -> None:
    with qenex.Bank(principal="teller") as bank:
        open_bank(bank)
        today = bank.list_entities()[0].business_date
        assert today is not None

        # 100.00 USD for crowns: the bank is long of dollars and short of crowns.
        bank.exchange("EVA", "EVA-CZK", "100.00", "USD", "CZK", "23.50")
        print("EVA-CZK", bank.get_balance("EVA-CZK", "CZK"), "CZK")

        # At the end of the day a crown is worth 0.0420 USD: 2,350.00 CZK cost 100.00 and are worth 98.70.
        revaluation = qenex.Revaluation(
            key=qenex.new_id(),
            account_number="FX-RESULT",
            asset=CZK,
            date=today,
            rate=420,
            rate_scale=4,
            rounding=qenex.Rounding.HALF_EVEN,
        )
        gain = expect_all(bank.post_revaluations([revaluation]))[0].amount
        print("gain", qenex.to_decimal(gain, 2), "USD")

        # 10.00 USD split two to one.
        split = qenex.Split(
            id=qenex.new_id(),
            debit_number="EVA",
            asset=USD,
            amount=1000,
            parts=(
                qenex.SplitPart(credit_number="ADAM", weight=2),
                qenex.SplitPart(credit_number="INTEREST", weight=1),
            ),
        )
        expect_all(bank.split_transfers([split]))
        print("ADAM", bank.get_balance("ADAM", "USD"), "USD")

        # Interest of 0.6172 cents a day for three days; the whole cent is paid, the rest stays.
        expect_all(
            bank.add_accruals(
                qenex.Accrual(
                    key=qenex.new_id(), account_number="ADAM", name="interest", asset=USD, amount=6172, scale=4
                )
                for _ in range(3)
            )
        )
        post = qenex.AccrualPost(
            id=qenex.new_id(), account_number="ADAM", contra_number="INTEREST", name="interest"
        )
        expect_all(bank.post_accruals([post]))
        for accrual in bank.list_accruals("ADAM"):
            print("paid", qenex.to_decimal(accrual.posted, 2), "kept", qenex.to_decimal(accrual.value, 18), "cents")

        # A statement with a number, the same whenever it is asked for.
        cut = qenex.StatementCut(key=qenex.new_id(), account_number="ADAM", asset=USD)
        number = expect_all(bank.cut_statements([cut]))[0].number
        issued = bank.issue_statement("ADAM", USD, number)
        for line in issued.lines:
            print(f"{line.date}  {qenex.to_decimal(line.change, 2):>8}  {qenex.to_decimal(line.balance, 2):>8}")
        print(f"statement {number} ends with {qenex.to_decimal(issued.statement.closing, 2)}")

        # The general ledger: debits equal credits, and the sub-ledger reconciles to the cent.
        lines = [line for line in bank.gl_trial_balance(today) if line.asset == USD]
        debits, credits = sum(line.debit for line in lines), sum(line.credit for line in lines)
        print(f"trial balance {qenex.to_decimal(debits, 2)} = {qenex.to_decimal(credits, 2)} USD")
        assert all(line.difference == 0 for line in bank.reconcile_gl(today))

        # The journal as a file for hledger, page by page.
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "bank.journal")
            with path.open("w") as journal:
                page = bank.gl_journal(today, today, qenex.Journal.HLEDGER)
                journal.write(page.text)
                while page.cursor is not None:
                    page = bank.gl_journal(today, today, qenex.Journal.HLEDGER, cursor=page.cursor)
                    journal.write(page.text)
            print("journal of", len(path.read_text().splitlines()), "lines")


if __name__ == "__main__":
    main()
