// A day at a small bank: accounts, a batch of payments, a hold that is captured in part, a reversal, a statement, and a
// payment that is refused. See bindings/go/README.md.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	qenex "github.com/qenex/libqenex/bindings/go"
)

func main() {
	path := "bank.db"
	if len(os.Args) > 1 {
		path = os.Args[1]
	}
	if err := run(context.Background(), path); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, path string) (err error) {
	engine, err := qenex.Open(qenex.Options{Path: path})
	if err != nil {
		return err
	}
	defer func() {
		if closed := engine.Close(); err == nil {
			err = closed
		}
	}()
	teller, err := engine.Session("teller")
	if err != nil {
		return err
	}
	defer teller.Close()

	if err := openAccounts(ctx, teller); err != nil {
		return err
	}
	payment, err := payBatch(ctx, teller)
	if err != nil {
		return err
	}
	if err := holdAndCapture(ctx, teller); err != nil {
		return err
	}
	if err := reverse(ctx, teller, payment); err != nil {
		return err
	}

	_, err = teller.Transfer(ctx, "ALICE", "SHOP", "1000.00", "USD")
	if !errors.Is(err, qenex.StatusInsufficientFunds) {
		return fmt.Errorf("a payment without funds: %w", err)
	}
	fmt.Println("refused:", err)

	return printStatement(ctx, teller, "ALICE")
}

func openAccounts(ctx context.Context, teller *qenex.Session) error {
	for _, account := range []struct{ number, opening string }{{"ALICE", "250.00"}, {"BOB", ""}, {"SHOP", ""}} {
		_, err := teller.OpenAccount(ctx, account.number, "USD", account.opening)
		if err != nil && !errors.Is(err, qenex.StatusNumberTaken) { // it was there before
			return err
		}
	}
	return nil
}

// payBatch pays twice in one batch, and gives the id of the first payment.
func payBatch(ctx context.Context, teller *qenex.Session) (qenex.ID, error) {
	usd, err := qenex.CurrencyByCode("USD")
	if err != nil {
		return qenex.ID{}, err
	}
	var transfers []qenex.Transfer
	for _, payment := range []struct{ to, amount, narrative string }{
		{"BOB", "40.00", "Rent of the garage"}, {"SHOP", "9.99", "Groceries"},
	} {
		id, err := qenex.NewID() // keep it with the order: sending it again pays once
		if err != nil {
			return qenex.ID{}, err
		}
		amount, err := qenex.ParseAmount(payment.amount, usd.Scale)
		if err != nil {
			return qenex.ID{}, err
		}
		transfers = append(transfers, qenex.Transfer{ID: id, DebitNumber: "ALICE", CreditNumber: payment.to,
			Asset: usd.Number, Amount: amount, Narrative: payment.narrative})
	}
	results, err := teller.CreateTransfers(ctx, transfers, nil)
	if err != nil {
		return qenex.ID{}, err
	}
	return transfers[0].ID, results.Err()
}

// holdAndCapture sets 60.00 aside for a card payment; the shop takes 45.50, and the rest is free again.
func holdAndCapture(ctx context.Context, teller *qenex.Session) error {
	hold, err := qenex.NewID()
	if err != nil {
		return err
	}
	capture, err := qenex.NewID()
	if err != nil {
		return err
	}
	results, err := teller.Execute(ctx, []qenex.Command{
		qenex.Hold{ID: hold, DebitNumber: "ALICE", CreditNumber: "SHOP", Asset: 840, Amount: qenex.Units(6000)},
		qenex.HoldCapture{ID: capture, Hold: hold, Amount: qenex.Units(4550), Flags: qenex.HoldLast,
			Narrative: "Card payment"},
	}, nil)
	if err != nil {
		return err
	}
	return results.Err()
}

func reverse(ctx context.Context, teller *qenex.Session, payment qenex.ID) error {
	id, err := qenex.NewID()
	if err != nil {
		return err
	}
	results, err := teller.ReverseTransfers(ctx,
		[]qenex.Reversal{{ID: id, Original: payment, Narrative: "Paid by mistake"}}, nil)
	if err != nil {
		return err
	}
	return results.Err()
}

func printStatement(ctx context.Context, teller *qenex.Session, number string) error {
	page, err := teller.Statement(ctx, qenex.AccountKey{Number: number, Asset: 840}, qenex.StatementOptions{Limit: 10})
	if err != nil {
		return err
	}
	fmt.Printf("Statement of %s, the newest first\n", number)
	for _, line := range page.Lines {
		change, err := line.Change.Format(2)
		if err != nil {
			return err
		}
		balance, err := line.Balance.Format(2)
		if err != nil {
			return err
		}
		fmt.Printf("%s  %-20s %10s %10s\n", line.Transfer.BookingDate, line.Transfer.Narrative, change, balance)
	}
	return nil
}
