package org.qenex;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Exchanges, splits, accruals, statements, the general ledger, the import and retention, through the public methods. */
class BooksTest {
    private static final int CZK = 203;
    private static final int USD = 840;
    private static final LocalDate TODAY = LocalDate.of(2024, 1, 31);

    private Engine engine;
    private Session session;

    /** USD is the functional currency. */
    @BeforeEach
    void open() {
        Clock clock = Clock.fixed(Instant.parse("2024-01-31T12:00:00Z"), ZoneOffset.UTC);
        engine = Engine.open(OpenOptions.memory().clock(clock));
        session = engine.openSession("teller");
        session.createAssets(List.of(new Asset().code("USD"), new Asset().code("CZK"))).requireApplied();
        session.createEntities(
                        List.of(
                                new Entity()
                                        .id(Qenex.newId())
                                        .name("Test Bank")
                                        .functionalCurrency(USD)
                                        .businessDate(TODAY)))
                .requireApplied();
        account("EVA", AccountKind.LIABILITY, "2100");
        account("ADAM", AccountKind.LIABILITY, "2100");
        account("CASH", AccountKind.ASSET, "1000");
        account("GAINS", AccountKind.INCOME, "6000");
        account("POSITION-CZK", AccountKind.ASSET, "1900");
        account("POSITION-USD", AccountKind.ASSET, "1900");
    }

    @AfterEach
    void close() {
        session.close();
        engine.close();
        assertEquals(0, Glue.kept());
    }

    private void account(String number, AccountKind kind, String glCode) {
        session.openAccounts(
                        List.of(
                                new Account()
                                        .id(Qenex.newId())
                                        .kind(kind)
                                        .number(number)
                                        .name("Owner of " + number)
                                        .glCode(glCode)))
                .requireApplied();
    }

    private static Transfer payment(String from, String to, int asset, long amount) {
        return new Transfer().id(Qenex.newId()).debitNumber(from).creditNumber(to).asset(asset).amount(amount);
    }

    /** Eva has 1,000.00 USD and 50,000.00 CZK. */
    private void fund() {
        session.registerPositions(
                        List.of(
                                new Position().accountNumber("POSITION-CZK").asset(CZK),
                                new Position().accountNumber("POSITION-USD").asset(USD)))
                .requireApplied();
        session.createTransfers(List.of(payment("CASH", "EVA", USD, 100_000), payment("CASH", "EVA", CZK, 5_000_000)))
                .requireApplied();
    }

    private static AccountKey key(String number, int asset) {
        return new AccountKey().number(number).asset(asset);
    }

    private static Exchange exchange(Rounding rounding) {
        return new Exchange()
                .id(Qenex.newId())
                .debitNumber("EVA")
                .creditNumber("EVA")
                .sold(CZK)
                .bought(USD)
                .soldAmount(new BigDecimal("1000.01"), 2)
                .rate(new BigDecimal("0.043"), 3)
                .rateScale(3)
                .rounding(rounding);
    }

    @Test
    void exchangesAndRevaluations() {
        fund();
        // 1000.01 * 0.043 = 43.00043
        Results exchanged = session.createExchanges(List.of(exchange(Rounding.HALF_EVEN))).requireApplied();
        assertEquals(new BigDecimal("43.00"), exchanged.get(0).amount(2));
        assertEquals(Status.ROUNDING_NEEDED, session.createExchanges(List.of(exchange(null))).statusOf(0));
        Result back = session.exchange(null, "EVA", "EVA", "10.00", "USD", "CZK", "23.5");
        assertEquals(new BigDecimal("235.00"), back.amount(2));
        QenexException wrong =
                assertThrows(
                        QenexException.class,
                        () -> session.exchange(null, "EVA", "EVA", "10.00", "USD", "CZK", "much"));
        assertEquals(Status.INVALID_ARGUMENT, wrong.status());
        Results revalued =
                session.postRevaluations(
                        List.of(
                                new Revaluation()
                                        .key(Qenex.newId())
                                        .accountNumber("GAINS")
                                        .asset(CZK)
                                        .date(TODAY)
                                        .rate(new BigDecimal("0.05"), 2)
                                        .rateScale(2)
                                        .rounding(Rounding.HALF_UP)));
        assertEquals(BigInteger.valueOf(525), revalued.requireApplied().get(0).amount());
        Page<PositionRecord> positions = session.listPositions(0);
        assertEquals(2, positions.size());
        assertEquals(new BigDecimal("765.01"), positions.get(0).amount(2));
        assertEquals(TODAY, positions.get(0).revalued());
        BigInteger sum = BigInteger.ZERO;
        for (FunctionalLine line : session.functionalTrialBalance(0)) {
            sum = sum.add(line.functional());
        }
        assertEquals(BigInteger.ZERO, sum);
    }

    private static Split split(int parts, String narrative) {
        List<SplitPart> shares = new ArrayList<>();
        for (int part = 0; part < parts; part++) {
            shares.add(new SplitPart().creditNumber(part % 2 == 0 ? "ADAM" : "CASH").weight(1 + part % 2));
        }
        return new Split()
                .id(Qenex.newId())
                .debitNumber("EVA")
                .parts(shares)
                .asset(USD)
                .amount(3_000)
                .narrative(narrative);
    }

    /** Parts lie in the arena and name texts in it: they move with their record, alone, in a batch, and among others. */
    @Test
    void splitsKeepTheirPartsWhereverTheyAreCopied() {
        fund();
        session.splitTransfers(List.of(split(2, "first"), split(2, "second"))).requireApplied();
        Batch<Split> batch = Split.batch();
        batch.add()
                .id(Qenex.newId())
                .debitNumber("EVA")
                .asset(USD)
                .amount(3_000)
                .parts(
                        List.of(
                                new SplitPart().creditNumber("ADAM").weight(1),
                                new SplitPart().creditNumber("CASH").weight(2)));
        batch.add(split(200, "many"));
        session.splitTransfers(batch).requireApplied();
        // The arena of a mixed batch holds the records too, and grows while they are copied.
        MixedBatch mixed = new MixedBatch();
        for (int item = 0; item < 40; item++) {
            mixed.add(split(50, "mixed " + item));
            mixed.add(payment("ADAM", "EVA", USD, 1).narrative("and a payment with a text of its own"));
        }
        session.execute(mixed, null).requireApplied();
        // Half of the parts are Adam's and have a third of the weight: 10.00 of each 30.00.
        assertEquals(new BigDecimal("439.60"), session.balance("ADAM", "USD"));
        Page<StatementLine> lines = session.getStatement(key("ADAM", USD), new StatementOptions().limit(2));
        assertEquals("and a payment with a text of its own", lines.get(0).transfer().narrative());
        assertEquals("mixed 39", lines.get(1).transfer().narrative());
        assertEquals(Status.SPLIT_PARTS_INVALID, session.splitTransfers(List.of(split(0, ""))).statusOf(0));
    }

    @Test
    void amountsAreAllocated() {
        List<BigInteger> parts = Amounts.allocate(BigInteger.valueOf(-100), 1, 1, 1);
        assertEquals(List.of(BigInteger.valueOf(-34), BigInteger.valueOf(-33), BigInteger.valueOf(-33)), parts);
        QenexException none = assertThrows(QenexException.class, () -> Amounts.allocate(BigInteger.TEN, 0, 0));
        assertEquals(Status.INVALID_ARGUMENT, none.status());
        QenexException empty = assertThrows(QenexException.class, () -> Amounts.allocate(BigInteger.TEN));
        assertEquals(Status.EMPTY_BATCH, empty.status());
    }

    @Test
    void accrualsArePosted() {
        fund();
        for (int day = 0; day < 2; day++) {
            session.addAccruals(
                            List.of(
                                    new Accrual()
                                            .key(Qenex.newId())
                                            .accountNumber("EVA")
                                            .name("interest")
                                            .asset(USD)
                                            .amount(12_345)
                                            .scale(4)))
                    .requireApplied();
        }
        AccrualPost post =
                new AccrualPost()
                        .id(Qenex.newId())
                        .accountNumber("EVA")
                        .contraNumber("GAINS")
                        .name("interest");
        assertEquals(BigInteger.TWO, session.postAccruals(List.of(post)).requireApplied().get(0).amount());
        Page<AccrualRecord> accruals = session.listAccruals(key("EVA", USD));
        assertEquals("interest", accruals.get(0).name());
        // 0.469 of a cent is left, in 10^-18 of a cent.
        assertEquals(new BigInteger("469000000000000000"), accruals.get(0).value());
    }

    @Test
    void balancesDayByDay() {
        fund();
        session.createTransfers(List.of(payment("CASH", "EVA", USD, 500).valueDate(LocalDate.of(2024, 1, 10))))
                .requireApplied();
        List<AccountKey> keys = List.of(key("EVA", USD), key("CASH", USD));
        LocalDate from = LocalDate.of(2024, 1, 9);
        Page<DayBalance> first = session.balancesByDay(keys, from, from.plusDays(2), false, 1, null);
        assertEquals(3, first.size());
        assertEquals(BigInteger.valueOf(500), first.get(1).balance());
        assertEquals(from.plusDays(2), first.get(2).date());
        Page<DayBalance> second = session.balancesByDay(keys, from, from.plusDays(2), false, 1, first.cursor());
        assertEquals(BigInteger.valueOf(500), second.get(2).balance());
        assertNull(second.cursor());
    }

    @Test
    void statementsAreCutAndIssued() {
        fund();
        Results cut =
                session.cutStatements(
                        List.of(
                                new StatementCut()
                                        .key(Qenex.newId())
                                        .accountNumber("EVA")
                                        .asset(USD)
                                        .to(TODAY.minusDays(1)),
                                new StatementCut().key(Qenex.newId()).accountNumber("EVA").asset(USD)));
        assertEquals(2, cut.requireApplied().get(1).number());
        IssuedStatement issued = session.issueStatement(key("EVA", USD), 2, 0, 0);
        assertEquals(new BigDecimal("1000.00"), issued.statement().closing(2));
        assertEquals(TODAY, issued.statement().to());
        assertEquals(1, issued.lines().size());
        assertEquals(new BigDecimal("1000.00"), issued.lines().get(0).balance(2));
        assertEquals(TODAY, issued.lines().get(0).date());
        assertEquals(1, session.listStatements(key("EVA", USD), 1, 0).size());
        QenexException missing =
                assertThrows(QenexException.class, () -> session.issueStatement(key("EVA", USD), 3, 0, 0));
        assertEquals(Status.NOT_FOUND, missing.status());
    }

    @Test
    void theGeneralLedgerAddsUp() {
        fund();
        session.setGlCodes(
                        List.of(
                                new GlCode()
                                        .key(Qenex.newId())
                                        .code("2150")
                                        .name("Current accounts")
                                        .kind(AccountKind.LIABILITY)
                                        .flags(GlCodeFlags.CONTROL)))
                .requireApplied();
        session.setGlAssignments(
                        List.of(
                                new GlAssignment()
                                        .key(Qenex.newId())
                                        .accountNumber("EVA")
                                        .code("2150")
                                        .from(LocalDate.of(2024, 1, 1))))
                .requireApplied();
        BigInteger difference = BigInteger.ZERO;
        for (GlLine line : session.glTrialBalance(0, TODAY, GlGroupFlags.BRANCH)) {
            difference = difference.add(line.debit()).subtract(line.credit());
        }
        assertEquals(BigInteger.ZERO, difference);
        assertTrue(session.reconcileGl(0, TODAY).size() > 2);
        LocalDate from = LocalDate.of(2024, 1, 1);
        JournalPage page = session.glJournal(0, from, TODAY, Journal.CSV, 1, null);
        assertTrue(page.text().startsWith("sequence"), page.text());
        int pages = 1;
        while (page.cursor() != null) {
            page = session.glJournal(0, from, TODAY, Journal.CSV, 1, page.cursor());
            pages++;
        }
        assertEquals(2, pages);
        QenexException format =
                assertThrows(QenexException.class, () -> session.glJournal(0, from, TODAY, 9, 0, null));
        assertEquals(Status.INVALID_ARGUMENT, format.status());
    }

    @Test
    void booksAreImported() {
        assertEquals(Status.OK, session.startImport(null).status());
        ImportTransfer old =
                new ImportTransfer()
                        .transfer(payment("CASH", "EVA", USD, 700).bookingDate(LocalDate.of(2001, 2, 3)).narrative("old"))
                        .flags(ImportFlags.OPENING);
        assertEquals(Status.TIME_INVALID, session.importTransfers(List.of(old)).statusOf(0));
        old.originalTime(Instant.parse("2001-02-03T00:00:00Z"));
        session.importTransfers(List.of(old)).requireApplied();
        assertEquals(Status.IMPORT_NOT_PROVED, session.endImport(null).status());
        List<ImportProof> proofs = new ArrayList<>();
        for (String number : List.of("EVA", "CASH")) {
            proofs.add(
                    new ImportProof()
                            .key(Qenex.newId())
                            .accountNumber(number)
                            .asset(USD)
                            .opening(new BigDecimal("7.00"), 2)
                            .closing(700));
        }
        session.proveImports(proofs).requireApplied();
        assertEquals(1, session.endImport(UUID.randomUUID()).number());
        ImportStatus status = session.getImportStatus();
        assertEquals(1, status.live());
        assertEquals(1, status.transfers());
        assertEquals(new BigDecimal("7.00"), session.balance("EVA", "USD"));
    }

    @Test
    void dataIsKeptAndFound() {
        fund();
        AccountKey eva = key("EVA", 0);
        assertEquals(0, session.getRetention(eva).get(0).sequence());
        Retention retention =
                new Retention()
                        .key(Qenex.newId())
                        .accountNumber("EVA")
                        .className("customer")
                        .until(LocalDate.of(2034, 1, 31))
                        .flags(RetentionFlags.LEGAL_HOLD);
        assertEquals(Status.AUTHORITY_NEEDED, session.setRetentions(List.of(retention)).statusOf(0));
        session.setRetentions(List.of(retention.key(Qenex.newId()).authority("court 7"))).requireApplied();
        assertEquals(LocalDate.of(2034, 1, 31), session.getRetention(eva).get(0).until());
        assertEquals("court 7", session.getRetention(eva).get(0).authority());
        assertEquals(
                Status.CARD_NUMBER_IN_NARRATIVE,
                session.createTransfers(
                                List.of(payment("EVA", "CASH", USD, 1).narrative("card 4111 1111 1111 1111")))
                        .statusOf(0));
        assertEquals(Personal.NAME, session.listPersonalData(eva, 0, 0).get(0).kind());
    }
}
