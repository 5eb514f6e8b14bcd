"""What the cases of the conformance suite cannot ask: Python's own types, lifetimes, threads, callbacks, bad use."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import unittest
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path
from unittest import mock
from uuid import UUID

import qenex
from qenex import _callbacks, _library, constants
from qenex._values import Arena


class Money(unittest.TestCase):
    def test_a_decimal_is_exact_or_refused(self) -> None:
        self.assertEqual(qenex.to_minor(Decimal("100.00"), 2), 10000)
        self.assertEqual(qenex.to_minor(Decimal("1.500"), 2), 150)
        self.assertEqual(qenex.to_minor(7, 2), 700)
        self.assertEqual(qenex.to_decimal(-5, 2), Decimal("-0.05"))
        for wrong in (Decimal("1.005"), Decimal("NaN"), Decimal("Infinity"), "1e3", "", " 1"):
            with self.assertRaises(qenex.InvalidInput):
                qenex.to_minor(wrong, 2)

    def test_a_float_is_no_money(self) -> None:
        with qenex.Bank() as bank, self.assertRaises(qenex.InvalidInput):
            bank.create_account("A", "USD", 0.1)  # type: ignore[arg-type]

    def test_what_exceeds_128_bits_names_its_item(self) -> None:
        with qenex.Bank() as bank:
            batch = [qenex.Transfer(amount=1), qenex.Transfer(amount=1 << 127)]
            with self.assertRaises(qenex.InvalidInput) as raised:
                bank.create_transfers(batch)
            self.assertEqual(raised.exception.item, 1)


class Numbers(unittest.TestCase):
    def test_a_number_that_does_not_fit_is_refused_rather_than_cut_off(self) -> None:
        with qenex.Bank() as bank:
            bank.create_account("A", "USD", "1.00")
            cut = qenex.StatementCut(key=qenex.new_id(), account_number="A", asset=840)
            self.assertEqual(bank.cut_statements([cut])[0].number, 1)
            self.assertEqual(bank.issue_statement("A", 840, 1).statement.number, 1)
            for number in (2**32 + 1, -1):
                with self.assertRaises(qenex.InvalidInput) as raised:
                    bank.issue_statement("A", 840, number)
                self.assertIn(str(number), raised.exception.message)
            with self.assertRaises(qenex.InvalidInput):
                bank.list_accounts(after=2**64)

    def test_weights_and_parts(self) -> None:
        self.assertEqual(qenex.allocate(100, [1, 1, 1]), [34, 33, 33])
        for weights in ([], [0], [-1], [2**64]):
            with self.assertRaises(qenex.QenexError):
                qenex.allocate(100, weights)
        split = qenex.Split(debit_number="A", parts=(qenex.SplitPart(credit_number="B", weight=2), qenex.SplitPart()))
        arena = Arena()
        packed = split._pack(arena)
        self.assertEqual(qenex.Split._unpack(memoryview(packed), 0, bytes(arena.data)), split)


class Texts(unittest.TestCase):
    def test_lone_surrogates_are_refused(self) -> None:
        with qenex.Bank() as bank:
            with self.assertRaises(qenex.InvalidInput):
                bank.create_account("\ud800", "USD")
            with self.assertRaises(qenex.InvalidInput) as raised:
                bank.create_transfers([qenex.Transfer(narrative="\udfff")])
            self.assertEqual(raised.exception.status, qenex.Status.INVALID_UTF8)

    def test_nul_inside_a_text_is_no_end(self) -> None:
        with qenex.Bank() as bank:
            with self.assertRaises(qenex.QenexError):
                bank.create_account("ACC\x00001", "USD")

    def test_wrong_types_are_errors_of_their_item(self) -> None:
        with qenex.Bank() as bank:
            with self.assertRaises(qenex.InvalidInput):
                bank.create_transfers([qenex.Transfer(id="ACC001")])  # type: ignore[arg-type]
            with self.assertRaises(qenex.InvalidInput):
                bank.execute(["no command"])
            with self.assertRaises(qenex.InvalidInput):
                bank.create_transfers([], trace=b"short")

    def test_a_time_needs_its_zone(self) -> None:
        with qenex.Bank() as bank, self.assertRaises(qenex.InvalidInput):
            bank.create_assets([qenex.Asset(code="USD")], time=datetime(2024, 1, 31))


class Lifetimes(unittest.TestCase):
    def test_closing_twice_and_using_afterwards(self) -> None:
        engine = qenex.Engine(flags=qenex.OpenFlags.MEMORY)
        session = engine.session("teller")
        engine.close()
        engine.close()
        for use in (lambda: session.sequence(), lambda: engine.stats(), lambda: engine.session("other")):
            with self.assertRaises(qenex.Closed):
                use()
        session.close()
        session.close()
        with self.assertRaises(qenex.Closed):
            session.list_assets()

    def test_closing_while_other_threads_call(self) -> None:
        bank = qenex.Bank()
        bank.create_account("ACC001", "USD")
        started = threading.Barrier(5)
        wrong: list[BaseException] = []

        def ask() -> None:
            started.wait()
            try:
                while True:
                    bank.get_balance("ACC001", "USD")
            except qenex.Closed:
                pass
            except BaseException as error:
                wrong.append(error)

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        started.wait()
        bank.close()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])

    def test_a_failed_opening_leaves_nothing(self) -> None:
        with self.assertRaises(qenex.QenexError):
            qenex.Engine("no/such/folder/bank.db", clock=lambda: datetime.now(timezone.utc))
        with self.assertRaises(qenex.QenexError):
            qenex.Bank(principal="")
        self.assertEqual(_callbacks.kept, {})


class Callbacks(unittest.TestCase):
    def test_an_exception_in_progress_is_raised(self) -> None:
        def fail(done: int, total: int) -> None:
            raise KeyError("mine")

        with tempfile.TemporaryDirectory() as folder, qenex.Bank(Path(folder) / "bank.db") as bank:
            with self.assertRaises(KeyError):
                bank.engine.backup(Path(folder) / "copy.db", fail)

    def test_a_clock_that_raises_fails_the_call(self) -> None:
        def broken() -> datetime:
            raise RuntimeError("no time")

        with mock.patch("sys.unraisablehook"):
            engine = qenex.Engine(flags=qenex.OpenFlags.MEMORY, clock=broken)
            with engine, engine.session("teller") as session:
                # Whatever the library makes of time 0, it is an answer and no crash.
                try:
                    session.create_assets([qenex.Asset(code="USD")])
                except qenex.QenexError as error:
                    self.assertLess(error.status, 0)

    def test_calling_back_is_refused(self) -> None:
        caught: list[qenex.QenexError] = []
        with tempfile.TemporaryDirectory() as folder, qenex.Bank(Path(folder) / "bank.db") as bank:

            def reenter(done: int, total: int) -> None:
                try:
                    bank.sequence()
                except qenex.QenexError as error:
                    caught.append(error)

            bank.engine.backup(Path(folder) / "copy.db", reenter)
        self.assertEqual({error.status for error in caught}, {qenex.Status.REENTRANT})


class Libraries(unittest.TestCase):
    def test_another_binary_interface_is_refused_with_both_versions(self) -> None:
        path = os.environ["QENEX_LIBRARY"]
        with mock.patch.object(constants, "ABI_VERSION", 99), self.assertRaises(qenex.IncompatibleLibrary) as raised:
            _library.load(path)
        self.assertIn("99", str(raised.exception))
        self.assertIn(qenex.version(), str(raised.exception))

    def test_something_else_is_no_library(self) -> None:
        with self.assertRaises(qenex.IncompatibleLibrary):
            _library.load("libc.so.6")
        code = "import qenex; qenex.version()"
        missing = dict(os.environ, QENEX_LIBRARY="/nowhere/libqenex.so")
        found = subprocess.run([sys.executable, "-c", code], env=missing, capture_output=True, text=True)
        self.assertIn("QENEX_LIBRARY", found.stderr)
        self.assertNotEqual(found.returncode, 0)


class Records(unittest.TestCase):
    def test_what_is_packed_is_unpacked(self) -> None:
        sent = qenex.Transfer(
            id=UUID(int=1), amount=-(1 << 127), narrative="café", user_data_64=(1 << 64) - 1, user_data_128=bytes(range(16))
        )
        arena = Arena()
        packed = sent._pack(arena)
        self.assertEqual(qenex.Transfer._unpack(memoryview(packed), 0, bytes(arena.data)), sent)

    def test_a_number_of_a_newer_library_has_no_name(self) -> None:
        self.assertEqual(qenex.Status(4711).name, "UNKNOWN")
        self.assertEqual(qenex.Status(4711), 4711)


if __name__ == "__main__":
    unittest.main()
