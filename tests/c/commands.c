/* Every kind of command, alone and mixed, as a host would use it. */
#include "check.h"

static void transfers(void)
{
    qenex_error *error = NULL;
    bank bank = bank_open();
    qenex_transfer batch[3];
    qenex_result results[3], again;
    static arena texts;

    texts.length = 0;
    batch[0] = transfer_of(100, 4, 1, 50000);
    batch[1] = transfer_of(101, 1, 2, 10000);
    batch[2] = transfer_of(102, 3, 2, 1);
    memset(&batch[1].debit_id, 0, sizeof batch[1].debit_id);
    memset(&batch[1].credit_id, 0, sizeof batch[1].credit_id);
    batch[1].debit_number = put(&texts, "ACC001");
    batch[1].credit_number = put(&texts, "ACC002");
    batch[1].narrative = put(&texts, "rent for January");
    batch[1].reference = put(&texts, "RENT-01");
    batch[1].end_to_end_reference = put(&texts, "E2E-01");
    batch[1].metadata = put(&texts, "{\"flat\":7}");
    batch[1].source_system = put(&texts, "branch");
    batch[1].on_behalf_of = put(&texts, "landlord");
    batch[1].value_date = 20240201;
    batch[1].code = 17;
    batch[1].user_data_64 = 77;
    batch[1].rate = amount_of(10823);
    batch[1].rate_scale = 4;
    batch[1].rate_source = put(&texts, "ECB");
    batch[1].functional_amount = amount_of(10823);
    STATUS(QENEX_SOME_REFUSED, qenex_transfers_create(bank.session, batch, 3, sizeof batch[0], texts.bytes,
                                                      texts.length, NULL, results, &error));
    EQUAL(QENEX_OK, results[0].status);
    EQUAL(QENEX_OK, results[1].status);
    EQUAL(QENEX_INSUFFICIENT_FUNDS, results[2].status);
    EQUAL(QENEX_RESULT_FINAL, results[2].flags);
    CHECK(memcmp(&results[1].id, &batch[1].id, sizeof(qenex_id)) == 0);
    CHECK(results[0].sequence < results[1].sequence && results[0].time <= results[1].time);
    EQUAL(10000, minor_of(results[1].amount));
    EQUAL(10000, minor_of(results[1].debit.debits_posted));
    EQUAL(50000, minor_of(results[1].debit.credits_posted));
    EQUAL(10000, minor_of(results[1].credit.credits_posted));

    /* The same again is answered, not done; other content under the same id is refused and the field named. */
    OK(qenex_transfers_create(bank.session, batch + 1, 1, sizeof batch[0], texts.bytes, texts.length, NULL, &again,
                              &error));
    EQUAL(QENEX_RESULT_REPEATED, again.flags);
    EQUAL(results[1].sequence, again.sequence);
    batch[0].amount = amount_of(1);
    EQUAL(QENEX_EXISTS_WITH_DIFFERENT_CONTENT, pay(&bank, &batch[0], &again));
    EQUAL(QENEX_FIELD_AMOUNT, again.field);

    /* Nobody has to want the results. */
    batch[0] = transfer_of(103, 4, 1, 1);
    OK(qenex_transfers_create(bank.session, batch, 1, sizeof batch[0], NULL, 0, NULL, NULL, &error));
    bank_close(&bank);
}

static void linked(void)
{
    qenex_error *error = NULL;
    bank bank = bank_open();
    qenex_transfer batch[4];
    qenex_result results[4];

    batch[0] = transfer_of(1, 1, 2, 100);
    batch[0].flags = QENEX_LINKED;
    batch[1] = transfer_of(2, 3, 2, 100);
    batch[2] = transfer_of(3, 1, 2, 100);
    batch[3] = transfer_of(4, 1, 2, 100);
    batch[3].flags = QENEX_LINKED;
    STATUS(QENEX_SOME_REFUSED,
           qenex_transfers_create(bank.session, batch, 4, sizeof batch[0], NULL, 0, NULL, results, &error));
    EQUAL(QENEX_LINKED_FAILED, results[0].status);
    EQUAL(QENEX_INSUFFICIENT_FUNDS, results[1].status);
    EQUAL(QENEX_OK, results[2].status);
    EQUAL(QENEX_LINK_OPEN, results[3].status);
    bank_close(&bank);
}

static void dry_run_and_time(void)
{
    qenex_error *error = NULL;
    bank bank = bank_open();
    qenex_transfer transfer = transfer_of(1, 1, 2, 100);
    qenex_result result;
    qenex_execute_options options;

    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.flags = QENEX_EXECUTE_DRY_RUN;
    options.trace[0] = 1;
    OK(qenex_transfers_create(bank.session, &transfer, 1, sizeof transfer, NULL, 0, &options, &result, &error));
    EQUAL(100, minor_of(result.debit.debits_posted));
    /* Nothing stayed: the same transfer is new. */
    options.flags = 0;
    OK(qenex_time_parse(TEXT("2124-01-31T12:00:00Z"), &options.time, &error));
    OK(qenex_transfers_create(bank.session, &transfer, 1, sizeof transfer, NULL, 0, &options, &result, &error));
    EQUAL(0, result.flags);
    EQUAL(100, minor_of(result.debit.debits_posted));
    EQUAL(options.time, result.time);
    transfer = transfer_of(2, 1, 2, 100);
    options.time -= 1;
    STATUS(QENEX_CLOCK_WENT_BACK,
           qenex_transfers_create(bank.session, &transfer, 1, sizeof transfer, NULL, 0, &options, &result, &error));
    OK(qenex_time_advance_to(bank.session, options.time + 1000001, NULL, &result, &error));
    STATUS(QENEX_SOME_REFUSED, qenex_time_advance_to(bank.session, 0, NULL, &result, &error));
    EQUAL(QENEX_TIME_INVALID, result.status);
    options.flags = 0x80;
    STATUS(QENEX_INVALID_ARGUMENT,
           qenex_transfers_create(bank.session, &transfer, 1, sizeof transfer, NULL, 0, &options, &result, &error));
    bank_close(&bank);
}

static void holds(void)
{
    qenex_error *error = NULL;
    bank bank = bank_open();
    qenex_transfer transfer = transfer_of(1, 4, 3, 1000);
    qenex_hold hold;
    qenex_hold_increase increase;
    qenex_hold_capture capture;
    qenex_hold_release release;
    qenex_result result;
    static arena texts;

    texts.length = 0;
    EQUAL(QENEX_OK, pay(&bank, &transfer, NULL));
    memset(&hold, 0, sizeof hold);
    hold.id = id_of(50);
    hold.debit_id = id_of(3);
    hold.credit_id = id_of(2);
    hold.asset = 840;
    hold.amount = amount_of(600);
    hold.reason = put(&texts, "card payment");
    OK(qenex_holds_place(bank.session, &hold, 1, sizeof hold, texts.bytes, texts.length, NULL, &result, &error));
    EQUAL(600, minor_of(result.debit.debits_pending));

    memset(&increase, 0, sizeof increase);
    increase.key = id_of(51);
    increase.hold = hold.id;
    increase.amount = amount_of(500);
    STATUS(QENEX_SOME_REFUSED,
           qenex_holds_increase(bank.session, &increase, 1, sizeof increase, NULL, 0, NULL, &result, &error));
    EQUAL(QENEX_INSUFFICIENT_FUNDS, result.status);
    increase.key = id_of(52);
    increase.amount = amount_of(400);
    OK(qenex_holds_increase(bank.session, &increase, 1, sizeof increase, NULL, 0, NULL, &result, &error));
    EQUAL(1000, minor_of(result.debit.debits_pending));

    memset(&capture, 0, sizeof capture);
    capture.id = id_of(53);
    capture.hold = hold.id;
    capture.amount = amount_of(700);
    OK(qenex_holds_capture(bank.session, &capture, 1, sizeof capture, NULL, 0, NULL, &result, &error));
    EQUAL(700, minor_of(result.debit.debits_posted));
    EQUAL(300, minor_of(result.debit.debits_pending));

    memset(&release, 0, sizeof release);
    release.key = id_of(54);
    release.hold = hold.id;
    OK(qenex_holds_release(bank.session, &release, 1, sizeof release, NULL, 0, NULL, &result, &error));
    EQUAL(0, minor_of(result.debit.debits_pending));
    release.key = id_of(55);
    STATUS(QENEX_SOME_REFUSED,
           qenex_holds_release(bank.session, &release, 1, sizeof release, NULL, 0, NULL, &result, &error));
    EQUAL(QENEX_HOLD_RELEASED, result.status);
    bank_close(&bank);
}

static void reversals(void)
{
    qenex_error *error = NULL;
    bank bank = bank_open();
    qenex_transfer transfer = transfer_of(1, 1, 2, 1000);
    qenex_reversal reversal;
    qenex_result result;

    EQUAL(QENEX_OK, pay(&bank, &transfer, NULL));
    memset(&reversal, 0, sizeof reversal);
    reversal.id = id_of(60);
    reversal.original = transfer.id;
    reversal.amount = amount_of(400);
    OK(qenex_transfers_reverse(bank.session, &reversal, 1, sizeof reversal, NULL, 0, NULL, &result, &error));
    EQUAL(400, minor_of(result.amount));
    reversal.id = id_of(61);
    reversal.amount = amount_of(601);
    STATUS(QENEX_SOME_REFUSED,
           qenex_transfers_reverse(bank.session, &reversal, 1, sizeof reversal, NULL, 0, NULL, &result, &error));
    EQUAL(QENEX_REVERSAL_ABOVE_ORIGINAL, result.status);
    reversal.id = id_of(62);
    reversal.amount = amount_of(0);
    OK(qenex_transfers_reverse(bank.session, &reversal, 1, sizeof reversal, NULL, 0, NULL, &result, &error));
    EQUAL(600, minor_of(result.amount));
    bank_close(&bank);
}

static void accounts(void)
{
    qenex_error *error = NULL;
    bank bank = bank_open();
    qenex_account_number number;
    qenex_account_block block;
    qenex_account_limit limit;
    qenex_account_close close;
    qenex_transfer transfer;
    qenex_result result;
    static arena texts;

    texts.length = 0;
    memset(&number, 0, sizeof number);
    number.key = id_of(70);
    number.account_number = put(&texts, "ACC001");
    number.number_type = put(&texts, "iban");
    number.number = put(&texts, "CZ6508000000192000145399");
    OK(qenex_account_numbers_set(bank.session, &number, 1, sizeof number, texts.bytes, texts.length, NULL, &result,
                                 &error));
    transfer = transfer_of(71, 1, 2, 5);
    memset(&transfer.debit_id, 0, sizeof transfer.debit_id);
    transfer.debit_number = put(&texts, "CZ6508000000192000145399");
    OK(qenex_transfers_create(bank.session, &transfer, 1, sizeof transfer, texts.bytes, texts.length, NULL, &result,
                              &error));
    number.key = id_of(72);
    number.flags = QENEX_ACCOUNT_NUMBER_END;
    OK(qenex_account_numbers_set(bank.session, &number, 1, sizeof number, texts.bytes, texts.length, NULL, &result,
                                 &error));
    transfer.id = id_of(73);
    STATUS(QENEX_SOME_REFUSED, qenex_transfers_create(bank.session, &transfer, 1, sizeof transfer, texts.bytes,
                                                      texts.length, NULL, &result, &error));
    EQUAL(QENEX_DEBIT_ACCOUNT_UNKNOWN, result.status);

    memset(&block, 0, sizeof block);
    block.key = id_of(74);
    block.account = id_of(2);
    block.side = QENEX_BLOCK_SIDE_CREDIT;
    block.reason = put(&texts, "court order");
    block.authority = put(&texts, "District Court 7");
    OK(qenex_account_blocks_set(bank.session, &block, 1, sizeof block, texts.bytes, texts.length, NULL, &result,
                                &error));
    transfer = transfer_of(75, 1, 2, 5);
    EQUAL(QENEX_CREDIT_BLOCKED, pay(&bank, &transfer, NULL));
    block.key = id_of(76);
    block.flags = QENEX_BLOCK_LIFT;
    OK(qenex_account_blocks_set(bank.session, &block, 1, sizeof block, texts.bytes, texts.length, NULL, &result,
                                &error));
    transfer.id = id_of(77);
    EQUAL(QENEX_OK, pay(&bank, &transfer, NULL));

    memset(&limit, 0, sizeof limit);
    limit.key = id_of(78);
    limit.account = id_of(3);
    limit.asset = 840;
    limit.kind = QENEX_LIMIT_KIND_OVERDRAFT;
    limit.amount = amount_of(50);
    OK(qenex_account_limits_set(bank.session, &limit, 1, sizeof limit, NULL, 0, NULL, &result, &error));
    transfer = transfer_of(79, 3, 2, 50);
    EQUAL(QENEX_OK, pay(&bank, &transfer, NULL));
    transfer = transfer_of(80, 3, 2, 1);
    EQUAL(QENEX_INSUFFICIENT_FUNDS, pay(&bank, &transfer, NULL));
    limit.key = id_of(81);
    limit.flags = QENEX_LIMIT_LIFT;
    STATUS(QENEX_SOME_REFUSED,
           qenex_account_limits_set(bank.session, &limit, 1, sizeof limit, NULL, 0, NULL, &result, &error));
    EQUAL(QENEX_LIMIT_INVALID, result.status);
    limit.amount = amount_of(0);
    OK(qenex_account_limits_set(bank.session, &limit, 1, sizeof limit, NULL, 0, NULL, &result, &error));

    memset(&close, 0, sizeof close);
    close.key = id_of(82);
    close.account = id_of(3);
    STATUS(QENEX_SOME_REFUSED,
           qenex_accounts_close(bank.session, &close, 1, sizeof close, NULL, 0, NULL, &result, &error));
    EQUAL(QENEX_ACCOUNT_NOT_EMPTY, result.status);
    close.key = id_of(83);
    close.account = id_of(4);
    OK(qenex_accounts_close(bank.session, &close, 1, sizeof close, NULL, 0, NULL, &result, &error));
    transfer = transfer_of(84, 4, 2, 1);
    EQUAL(QENEX_DEBIT_ACCOUNT_CLOSED, pay(&bank, &transfer, NULL));
    bank_close(&bank);
}

static void entities_and_assets(void)
{
    qenex_error *error = NULL;
    bank bank = bank_open();
    qenex_asset assets[4];
    qenex_entity entity;
    qenex_business_date roll;
    qenex_period_close period;
    qenex_transfer transfer;
    qenex_result results[4];
    static arena texts;

    texts.length = 0;
    memset(assets, 0, sizeof assets);
    assets[0].code = put(&texts, "GOLDCOIN");
    assets[0].kind = QENEX_ASSET_KIND_TOKEN;
    assets[0].scale = 18;
    assets[0].flags = QENEX_ASSET_WIDE;
    assets[1].code = put(&texts, "NOPE");
    assets[2].code = put(&texts, "USD");
    assets[3].code = put(&texts, "EUR");
    assets[3].scale = 2;
    STATUS(QENEX_SOME_REFUSED, qenex_assets_create(bank.session, assets, 4, sizeof assets[0], texts.bytes, texts.length,
                                                   NULL, results, &error));
    EQUAL(QENEX_OK, results[0].status);
    CHECK(results[0].number >= 1000);
    EQUAL(QENEX_ASSET_UNKNOWN, results[1].status);
    EQUAL(QENEX_OK, results[2].status);
    EQUAL(QENEX_SCALE_OUT_OF_RANGE, results[3].status);

    memset(&entity, 0, sizeof entity);
    entity.id = id_of(9002);
    entity.name = put(&texts, "Second Bank");
    entity.time_zone = put(&texts, "Europe/Prague");
    entity.functional_currency = 840;
    OK(qenex_entities_create(bank.session, &entity, 1, sizeof entity, texts.bytes, texts.length, NULL, results,
                             &error));
    EQUAL(2, results[0].number);

    memset(&roll, 0, sizeof roll);
    roll.key = id_of(90);
    roll.date = 20240201;
    OK(qenex_business_dates_roll(bank.session, &roll, 1, sizeof roll, NULL, 0, NULL, results, &error));
    roll.key = id_of(91);
    roll.date = 20240230;
    STATUS(QENEX_SOME_REFUSED,
           qenex_business_dates_roll(bank.session, &roll, 1, sizeof roll, NULL, 0, NULL, results, &error));
    EQUAL(QENEX_DATE_INVALID, results[0].status);

    memset(&period, 0, sizeof period);
    period.key = id_of(92);
    period.through = 20240131;
    OK(qenex_periods_close(bank.session, &period, 1, sizeof period, NULL, 0, NULL, results, &error));
    transfer = transfer_of(93, 1, 2, 1);
    transfer.booking_date = 20240131;
    EQUAL(QENEX_BOOKING_DATE_CLOSED, pay(&bank, &transfer, NULL));
    transfer = transfer_of(94, 1, 2, 1);
    transfer.value_date = 20230101;
    EQUAL(QENEX_OK, pay(&bank, &transfer, NULL));
    bank_close(&bank);
}

static void host_records(void)
{
    qenex_error *error = NULL;
    bank bank = bank_open();
    qenex_host_record record;
    qenex_result result;
    static arena texts;

    texts.length = 0;
    memset(&record, 0, sizeof record);
    record.name_space = put(&texts, "orders");
    record.record = put(&texts, "\xff\xfe");
    record.value = put(&texts, "paid");
    OK(qenex_host_records_put(bank.session, &record, 1, sizeof record, texts.bytes, texts.length, NULL, &result,
                              &error));
    EQUAL(1, result.number);
    STATUS(QENEX_SOME_REFUSED, qenex_host_records_put(bank.session, &record, 1, sizeof record, texts.bytes,
                                                      texts.length, NULL, &result, &error));
    EQUAL(QENEX_VERSION_MISMATCH, result.status);
    record.expected_version = 1;
    record.value = put(&texts, "shipped");
    OK(qenex_host_records_put(bank.session, &record, 1, sizeof record, texts.bytes, texts.length, NULL, &result,
                              &error));
    EQUAL(2, result.number);
    record.flags = QENEX_HOST_RECORD_ANY_VERSION;
    STATUS(QENEX_SOME_REFUSED, qenex_host_records_put(bank.session, &record, 1, sizeof record, texts.bytes,
                                                      texts.length, NULL, &result, &error));
    EQUAL(QENEX_INVALID_FLAGS, result.status);
    record.expected_version = 0;
    record.flags = QENEX_HOST_RECORD_ANY_VERSION | QENEX_HOST_RECORD_DELETE;
    memset(&record.value, 0, sizeof record.value);
    OK(qenex_host_records_put(bank.session, &record, 1, sizeof record, texts.bytes, texts.length, NULL, &result,
                              &error));
    bank_close(&bank);
}

/* A transfer and a host record in one chain, as records of different types in one arena. */
static void mixed(void)
{
    qenex_error *error = NULL;
    bank bank = bank_open();
    qenex_transfer transfer = transfer_of(1, 1, 2, 100);
    qenex_host_record record;
    qenex_command commands[3];
    qenex_result results[3];
    static arena texts;

    memset(&record, 0, sizeof record);
    memset(commands, 0, sizeof commands);
    texts.length = 0;
    record.name_space = put(&texts, "orders");
    record.record = put(&texts, "4711");
    record.value = put(&texts, "paid");
    transfer.narrative = put(&texts, "order 4711");
    transfer.flags = QENEX_LINKED;
    commands[0].kind = QENEX_COMMAND_TRANSFER;
    commands[0].offset = (uint32_t)texts.length;
    commands[0].size = sizeof transfer;
    memcpy(texts.bytes + texts.length, &transfer, sizeof transfer);
    texts.length += sizeof transfer;
    commands[1].kind = QENEX_COMMAND_HOST_RECORD;
    commands[1].offset = (uint32_t)texts.length;
    commands[1].size = sizeof record;
    memcpy(texts.bytes + texts.length, &record, sizeof record);
    texts.length += sizeof record;
    commands[2].kind = 99;
    STATUS(QENEX_SOME_REFUSED, qenex_execute(bank.session, commands, 3, sizeof commands[0], texts.bytes, texts.length,
                                             NULL, results, &error));
    EQUAL(QENEX_OK, results[0].status);
    EQUAL(QENEX_OK, results[1].status);
    EQUAL(1, results[1].number);
    EQUAL(QENEX_KIND_UNKNOWN, results[2].status);

    /* The record's version is another one now: the transfer does not happen either. */
    transfer.id = id_of(2000);
    memcpy(texts.bytes + commands[0].offset, &transfer, sizeof transfer);
    STATUS(QENEX_SOME_REFUSED, qenex_execute(bank.session, commands, 2, sizeof commands[0], texts.bytes, texts.length,
                                             NULL, results, &error));
    EQUAL(QENEX_LINKED_FAILED, results[0].status);
    EQUAL(QENEX_VERSION_MISMATCH, results[1].status);

    /* Records that do not fit. */
    commands[1].size = sizeof record - 1;
    STATUS(QENEX_INVALID_STRUCT_SIZE, qenex_execute(bank.session, commands, 2, sizeof commands[0], texts.bytes,
                                                    texts.length, NULL, results, &error));
    commands[1].size = sizeof record;
    commands[1].offset += 1;
    STATUS(QENEX_ARENA_RANGE, qenex_execute(bank.session, commands, 2, sizeof commands[0], texts.bytes, texts.length,
                                            NULL, results, &error));
    commands[1].offset = UINT32_MAX;
    commands[1].size = UINT32_MAX;
    STATUS(QENEX_ARENA_RANGE, qenex_execute(bank.session, commands, 2, sizeof commands[0], texts.bytes, texts.length,
                                            NULL, results, &error));
    bank_close(&bank);
}

const test_case command_cases[] = {{"transfers", transfers},
                                   {"linked", linked},
                                   {"dry_run_and_time", dry_run_and_time},
                                   {"holds", holds},
                                   {"reversals", reversals},
                                   {"accounts", accounts},
                                   {"entities_and_assets", entities_and_assets},
                                   {"host_records", host_records},
                                   {"mixed", mixed},
                                   {NULL, NULL}};
