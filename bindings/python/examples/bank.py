"""A bank's day: accounts, a batch, a hold and its capture, a reversal, a statement, and an error handled.

Usage: bank.py [FILE]; the file must not exist. Without one the bank lives in memory.
"""

import sys

import qenex

USD = 840  # the number of the asset is that of ISO 4217


def expect_all(results: list[qenex.Result]) -> None:
    """Ends the program unless every item of a batch was applied."""
    for item, result in enumerate(results):
        if result.status != qenex.Status.OK:
            sys.exit(f"item {item}: {qenex.status_explanation(result.status)}")


def main() -> None:
    with qenex.Bank(sys.argv[1] if len(sys.argv) > 1 else "", principal="teller") as bank:
        # Accounts, one line each.
        bank.create_account("ACC001", "USD", "250.00")
        bank.create_account("ACC002", "USD")
        bank.create_account("HOTEL", "USD")

        # A batch: each payment has an id, so that repeating the batch repeats no payment.
        rent = qenex.new_id()
        payments = [(rent, "100.00", "rent"), (qenex.new_id(), "0.50", "fee")]
        expect_all(
            bank.create_transfers(
                qenex.Transfer(
                    id=id,
                    debit_number="ACC001",
                    credit_number="ACC002",
                    amount=qenex.to_minor(amount, 2),
                    asset=USD,
                    narrative=narrative,
                )
                for id, amount, narrative in payments
            )
        )

        # A hold, and a part of it captured; the rest is given back.
        hotel = qenex.new_id()
        expect_all(
            bank.place_holds(
                [qenex.Hold(id=hotel, debit_number="ACC001", credit_number="HOTEL", amount=8000, asset=USD)]
            )
        )
        expect_all(
            bank.capture_holds(
                [
                    qenex.HoldCapture(
                        id=qenex.new_id(),
                        hold=hotel,
                        amount=7250,
                        flags=qenex.HoldFlags.LAST,
                        narrative="one night",
                    )
                ]
            )
        )

        # A part of the rent is given back.
        expect_all(bank.reverse_transfers([qenex.Reversal(id=qenex.new_id(), original=rent, amount=2000)]))

        # An error handled.
        try:
            bank.transfer("ACC001", "ACC002", "1000.00", "USD")
        except qenex.Refused as refused:
            print("refused:", refused.status.name)
        try:
            bank.transfer("ACC001", "ACC002", "1.005", "USD")
        except qenex.InvalidInput as error:
            print("refused:", error.message)

        # The statement, the newest line first.
        for line in bank.statement("ACC001", USD).rows:
            change, balance = qenex.to_decimal(line.change, 2), qenex.to_decimal(line.balance, 2)
            print(f"{line.transfer.booking_date}  {change:>10}  {balance:>10}  {line.transfer.narrative}")
        print(f"ACC001: {bank.get_balance('ACC001', 'USD')} USD")


if __name__ == "__main__":
    main()
