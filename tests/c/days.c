/* Days and the life of accounts: calendars, scheduled transfers, ends of days and years, corrections, owners, blocks.
 */
#include "check.h"

static arena texts;
static qenex_result results[8];

/* The records of an answer. */
static const void *records_of(const qenex_buffer *buffer, size_t count)
{
    EQUAL(count, qenex_buffer_count(buffer));
    return qenex_buffer_records(buffer);
}

static qenex_date today(const bank *bank)
{
    qenex_error *error = NULL;
    qenex_buffer *buffer = NULL;
    qenex_entity_record entity;
    OK(qenex_entities_list(bank->session, &buffer, &error));
    memcpy(&entity, records_of(buffer, 1), sizeof entity);
    qenex_buffer_free(buffer);
    return entity.business_date;
}

static qenex_text put_days(const qenex_date *days, size_t count)
{
    qenex_text at;
    at.offset = (uint32_t)texts.length;
    at.length = (uint32_t)(count * sizeof *days);
    memcpy(texts.bytes + texts.length, days, count * sizeof *days);
    texts.length += count * sizeof *days;
    return at;
}

static void use_calendar(bank *bank)
{
    static const qenex_date holidays[] = {20240202, 20241225};
    qenex_error *error = NULL;
    qenex_calendar calendar;
    qenex_entity_rules rules;

    texts.length = 0;
    memset(&calendar, 0, sizeof calendar);
    calendar.code = put(&texts, "TARGET");
    calendar.holidays = put_days(holidays, 2);
    calendar.weekend = QENEX_WEEKDAY_SATURDAY | QENEX_WEEKDAY_SUNDAY;
    OK(qenex_calendars_set(bank->session, &calendar, 1, sizeof calendar, texts.bytes, texts.length, NULL, results,
                           &error));
    EQUAL(1, results[0].number);
    memset(&rules, 0, sizeof rules);
    rules.calendar = put(&texts, "TARGET");
    rules.dormant_after_days = 2;
    OK(qenex_entity_rules_set(bank->session, &rules, 1, sizeof rules, texts.bytes, texts.length, NULL, results,
                              &error));
}

static void calendars_decide_what_is_a_business_day(void)
{
    qenex_error *error = NULL;
    bank bank = bank_open();
    qenex_buffer *buffer = NULL;
    qenex_calendar calendar;
    qenex_calendar_record kept;
    qenex_entity_rules rules;
    qenex_business_date roll;
    qenex_date day = 0, holiday = 0;

    use_calendar(&bank);
    OK(qenex_calendars_list(bank.session, &buffer, &error));
    memcpy(&kept, records_of(buffer, 1), sizeof kept);
    EQUAL(2, kept.holiday_count);
    EQUAL(QENEX_WEEKDAY_SATURDAY | QENEX_WEEKDAY_SUNDAY, kept.weekend);
    memcpy(&holiday, qenex_buffer_arena(buffer, NULL) + kept.holidays.offset + sizeof holiday, sizeof holiday);
    EQUAL(20241225, holiday);
    qenex_buffer_free(buffer);

    OK(qenex_business_day_after(bank.session, 0, 20240201, &day, &error));
    EQUAL(20240205, day);
    STATUS(QENEX_INVALID_DATE, qenex_business_day_after(bank.session, 0, 20240230, &day, &error));
    STATUS(QENEX_NOT_FOUND, qenex_business_day_after(bank.session, 9, 20240201, &day, &error));

    OK(qenex_business_date_next(bank.session, 0, results, &error));
    EQUAL(20240201, today(&bank));
    memset(&roll, 0, sizeof roll);
    roll.date = 20240203;
    STATUS(QENEX_SOME_REFUSED,
           qenex_business_dates_roll(bank.session, &roll, 1, sizeof roll, NULL, 0, NULL, results, &error));
    EQUAL(QENEX_NOT_A_BUSINESS_DAY, results[0].status);
    roll.flags = QENEX_BUSINESS_DATE_ANY_DAY;
    OK(qenex_business_dates_roll(bank.session, &roll, 1, sizeof roll, NULL, 0, NULL, results, &error));
    EQUAL(20240203, today(&bank));

    texts.length = 0;
    memset(&calendar, 0, sizeof calendar);
    calendar.code = put(&texts, "NONE");
    calendar.weekend = 0x7f;
    STATUS(QENEX_SOME_REFUSED, qenex_calendars_set(bank.session, &calendar, 1, sizeof calendar, texts.bytes,
                                                   texts.length, NULL, results, &error));
    EQUAL(QENEX_CALENDAR_INVALID, results[0].status);
    calendar.weekend = 0;
    calendar.holidays = put(&texts, "12345");
    STATUS(QENEX_SOME_REFUSED, qenex_calendars_set(bank.session, &calendar, 1, sizeof calendar, texts.bytes,
                                                   texts.length, NULL, results, &error));
    EQUAL(QENEX_CALENDAR_INVALID, results[0].status);
    memset(&rules, 0, sizeof rules);
    rules.calendar = put(&texts, "NONE");
    STATUS(QENEX_SOME_REFUSED, qenex_entity_rules_set(bank.session, &rules, 1, sizeof rules, texts.bytes, texts.length,
                                                      NULL, results, &error));
    EQUAL(QENEX_CALENDAR_UNKNOWN, results[0].status);
    bank_close(&bank);
}

static void scheduled_transfers_wait_for_their_day(void)
{
    qenex_error *error = NULL;
    bank bank = bank_open();
    qenex_buffer *buffer = NULL;
    qenex_schedule schedules[3];
    qenex_schedule_cancel cancel;
    qenex_schedule_record kept[3];
    qenex_transfer transfer = transfer_of(1, 4, 1, 100);
    unsigned i;

    EQUAL(QENEX_OK, pay(&bank, &transfer, results));
    memset(schedules, 0, sizeof schedules);
    for (i = 0; i < 3; i++) {
        schedules[i].key = id_of(500 + i);
        schedules[i].transfer = transfer_of(10 + i, 1, 2, 30);
        schedules[i].transfer.booking_date = 20240201;
    }
    schedules[2].transfer.booking_date = 20240131;
    STATUS(QENEX_SOME_REFUSED,
           qenex_transfers_schedule(bank.session, schedules, 3, sizeof schedules[0], NULL, 0, NULL, results, &error));
    EQUAL(QENEX_OK, results[0].status);
    EQUAL(QENEX_BOOKING_DATE_NOT_LATER, results[2].status);
    memset(&cancel, 0, sizeof cancel);
    cancel.schedule = id_of(501);
    OK(qenex_schedules_cancel(bank.session, &cancel, 1, sizeof cancel, NULL, 0, NULL, results, &error));
    OK(qenex_business_date_next(bank.session, 1, NULL, &error));
    OK(qenex_schedules_list(bank.session, 0, 0, 0, 0, &buffer, &error));
    memcpy(kept, records_of(buffer, 2), 2 * sizeof kept[0]);
    EQUAL(QENEX_SCHEDULE_STATE_BOOKED, kept[0].state);
    EQUAL(QENEX_SCHEDULE_STATE_CANCELLED, kept[1].state);
    EQUAL(30, minor_of(kept[0].amount));
    CHECK(kept[0].ended > kept[0].sequence);
    qenex_buffer_free(buffer);
    OK(qenex_schedules_list(bank.session, 1, 1, 0, 10, &buffer, &error));
    EQUAL(0, qenex_buffer_count(buffer));
    qenex_buffer_free(buffer);
    bank_close(&bank);
}

static void days_are_sealed_and_corrected(void)
{
    qenex_error *error = NULL;
    bank bank = bank_open();
    qenex_buffer *buffer = NULL;
    qenex_transfer transfer = transfer_of(1, 4, 1, 100);
    qenex_day_end portion;
    qenex_period_close close;
    qenex_period_record period;
    qenex_sealed_balance day;
    qenex_correction correction;
    qenex_trial_options options;
    qenex_trial_account lines[2];
    qenex_id account = id_of(1);
    int portions = 0;

    EQUAL(QENEX_OK, pay(&bank, &transfer, results));
    STATUS(QENEX_SOME_REFUSED, qenex_day_end_run(bank.session, 0, 20240131, 0, results, &error));
    EQUAL(QENEX_DAY_NOT_OVER, results[0].status);
    OK(qenex_business_date_next(bank.session, 0, NULL, &error));
    memset(&portion, 0, sizeof portion);
    portion.day = 20240131;
    portion.portion = 1;
    do {
        OK(qenex_day_end_portions(bank.session, &portion, 1, sizeof portion, NULL, 0, NULL, results, &error));
        portions++;
    } while (results[0].number != 0);
    EQUAL(4, portions);
    OK(qenex_day_end_run(bank.session, 0, 20240131, 0, results, &error));
    CHECK(results[0].flags & QENEX_RESULT_REPEATED);
    transfer = transfer_of(2, 4, 1, 7);
    transfer.booking_date = 20240131;
    EQUAL(QENEX_OK, pay(&bank, &transfer, results));

    OK(qenex_sealed_balances_list(bank.session, &account, 840, 20240101, 20241231, &buffer, &error));
    memcpy(&day, records_of(buffer, 1), sizeof day);
    qenex_buffer_free(buffer);
    EQUAL(20240131, day.day);
    EQUAL(100, minor_of(day.credits_sealed));
    EQUAL(107, minor_of(day.credits_now));
    OK(qenex_corrections_list(bank.session, 0, 0, 0, &buffer, &error));
    memcpy(&correction, records_of(buffer, 1), sizeof correction);
    qenex_buffer_free(buffer);
    EQUAL(7, minor_of(correction.amount));
    EQUAL(20240131, correction.first_day);
    EQUAL(results[0].sequence + 1, correction.sequence);

    memset(&close, 0, sizeof close);
    close.through = 20240131;
    OK(qenex_periods_close(bank.session, &close, 1, sizeof close, NULL, 0, NULL, results, &error));
    OK(qenex_periods_list(bank.session, 1, &buffer, &error));
    memcpy(&period, records_of(buffer, 1), sizeof period);
    qenex_buffer_free(buffer);
    EQUAL(20240131, period.through);
    EQUAL(results[0].sequence, period.sequence);
    transfer = transfer_of(3, 4, 1, 5);
    transfer.value_date = 20240115;
    EQUAL(QENEX_OK, pay(&bank, &transfer, results));

    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.flags = QENEX_TRIAL_BY_VALUE;
    options.date = 20240131;
    OK(qenex_trial_accounts_list(bank.session, &options, &buffer, &error));
    memcpy(lines, records_of(buffer, 4), sizeof lines);
    qenex_buffer_free(buffer);
    EQUAL(112, minor_of(lines[0].credits));
    options.sequence = period.sequence;
    options.limit = 1;
    OK(qenex_trial_accounts_list(bank.session, &options, &buffer, &error));
    memcpy(lines, records_of(buffer, 1), sizeof lines[0]);
    qenex_buffer_free(buffer);
    EQUAL(107, minor_of(lines[0].credits));
    EQUAL(period.sequence, lines[0].sequence);
    options.flags = 2;
    STATUS(QENEX_INVALID_ARGUMENT, qenex_trial_accounts_list(bank.session, &options, &buffer, &error));
    bank_close(&bank);
}

static void the_year_ends_in_retained_earnings(void)
{
    qenex_error *error = NULL;
    bank bank = bank_open();
    qenex_account accounts[2];
    qenex_year_end portion;
    qenex_transfer transfer;

    texts.length = 0;
    memset(accounts, 0, sizeof accounts);
    accounts[0].id = id_of(5);
    accounts[0].kind = QENEX_ACCOUNT_KIND_EQUITY;
    accounts[0].number = put(&texts, "RETAINED");
    accounts[1].id = id_of(6);
    accounts[1].kind = QENEX_ACCOUNT_KIND_INCOME;
    OK(qenex_accounts_open(bank.session, accounts, 2, sizeof accounts[0], texts.bytes, texts.length, NULL, results,
                           &error));
    transfer = transfer_of(1, 4, 6, 90);
    EQUAL(QENEX_OK, pay(&bank, &transfer, results));
    OK(qenex_business_date_next(bank.session, 0, NULL, &error));
    STATUS(QENEX_SOME_REFUSED, qenex_year_end_run(bank.session, 0, 20240131, TEXT("ACC001"), 9, results, &error));
    EQUAL(QENEX_RETAINED_INVALID, results[0].status);
    OK(qenex_year_end_run(bank.session, 0, 20240131, TEXT("RETAINED"), 9, results, &error));
    EQUAL(0, results[0].number);
    memset(&portion, 0, sizeof portion);
    portion.retained_id = id_of(5);
    portion.through = 20240131;
    OK(qenex_year_end_portions(bank.session, &portion, 1, sizeof portion, NULL, 0, NULL, results, &error));
    transfer = transfer_of(2, 5, 4, 90);
    EQUAL(QENEX_OK, pay(&bank, &transfer, results));
    bank_close(&bank);
}

static void accounts_live(void)
{
    qenex_error *error = NULL;
    bank bank = bank_open();
    qenex_buffer *buffer = NULL;
    qenex_account account;
    qenex_account_number number;
    qenex_account_owner owners[2], end;
    qenex_owner_record links[2];
    qenex_account_block block;
    qenex_block_record kept;
    qenex_reactivation reactivation;
    qenex_transfer transfer;
    qenex_id id = id_of(5);
    int day;

    use_calendar(&bank);
    texts.length = 0;
    memset(&account, 0, sizeof account);
    account.id = id;
    account.asset = 840;
    account.kind = QENEX_ACCOUNT_KIND_LIABILITY;
    account.flags = QENEX_ACCOUNT_CUSTOMER;
    account.opening_amount = amount_of(100);
    account.contra_id = id_of(4);
    OK(qenex_accounts_open(bank.session, &account, 1, sizeof account, NULL, 0, NULL, results, &error));
    EQUAL(100, minor_of(results[0].amount));
    account.id = id_of(7);
    memset(&account.contra_id, 0, sizeof account.contra_id);
    STATUS(QENEX_SOME_REFUSED,
           qenex_accounts_open(bank.session, &account, 1, sizeof account, NULL, 0, NULL, results, &error));
    EQUAL(QENEX_ACCOUNT_UNKNOWN, results[0].status);

    memset(&number, 0, sizeof number);
    number.account = id;
    number.number = put(&texts, "ACC001");
    STATUS(QENEX_SOME_REFUSED, qenex_account_numbers_set(bank.session, &number, 1, sizeof number, texts.bytes,
                                                         texts.length, NULL, results, &error));
    EQUAL(QENEX_NUMBER_TAKEN, results[0].status);
    number.flags = QENEX_ACCOUNT_NUMBER_TAKE;
    OK(qenex_account_numbers_set(bank.session, &number, 1, sizeof number, texts.bytes, texts.length, NULL, results,
                                 &error));

    memset(owners, 0, sizeof owners);
    owners[0].key = id_of(600);
    owners[0].account = id;
    owners[0].owner = put(&texts, "C-1");
    owners[0].role = put(&texts, "holder");
    owners[1] = owners[0];
    owners[1].key = id_of(601);
    owners[1].owner = put(&texts, "C-2");
    owners[1].role = put(&texts, "joint");
    OK(qenex_account_owners_set(bank.session, owners, 2, sizeof owners[0], texts.bytes, texts.length, NULL, results,
                                &error));
    memset(&end, 0, sizeof end);
    end.account_number = number.number;
    end.ends = id_of(601);
    OK(qenex_account_owners_set(bank.session, &end, 1, sizeof end, texts.bytes, texts.length, NULL, results, &error));
    OK(qenex_account_owners_list(bank.session, &id, &buffer, &error));
    memcpy(links, records_of(buffer, 2), sizeof links);
    EQUAL(0, links[0].valid_to);
    CHECK(links[1].valid_to != 0);
    CHECK(memcmp(qenex_buffer_arena(buffer, NULL) + links[1].role.offset, "joint", 5) == 0);
    qenex_buffer_free(buffer);

    memset(&block, 0, sizeof block);
    block.account = id;
    block.side = QENEX_BLOCK_SIDE_CREDIT;
    block.reason = put(&texts, "sanctions");
    block.authority = put(&texts, "compliance");
    OK(qenex_account_blocks_set(bank.session, &block, 1, sizeof block, texts.bytes, texts.length, NULL, results,
                                &error));
    OK(qenex_account_blocks_list(bank.session, &id, &buffer, &error));
    memcpy(&kept, records_of(buffer, 1), sizeof kept);
    EQUAL(QENEX_BLOCK_SIDE_CREDIT, kept.side);
    EQUAL(9, kept.reason.length);
    qenex_buffer_free(buffer);

    for (day = 0; day < 2; day++) {
        qenex_date over = today(&bank);
        OK(qenex_business_date_next(bank.session, 0, NULL, &error));
        OK(qenex_day_end_run(bank.session, 0, over, 0, NULL, &error));
    }
    /* 31 January and 1 February are over: opened on the first of them, two days with the next one. */
    OK(qenex_business_date_next(bank.session, 0, NULL, &error));
    OK(qenex_day_end_run(bank.session, 0, 20240205, 0, NULL, &error));
    transfer = transfer_of(1, 5, 2, 1);
    EQUAL(QENEX_DEBIT_DORMANT, pay(&bank, &transfer, results));
    memset(&reactivation, 0, sizeof reactivation);
    reactivation.account = id;
    reactivation.reason = put(&texts, "came in");
    OK(qenex_accounts_reactivate(bank.session, &reactivation, 1, sizeof reactivation, texts.bytes, texts.length, NULL,
                                 results, &error));
    transfer = transfer_of(2, 5, 2, 1);
    EQUAL(QENEX_OK, pay(&bank, &transfer, results));
    bank_close(&bank);
}

static void records_have_the_sizes_of_the_library(void)
{
    EQUAL(232, sizeof(qenex_account));
    EQUAL(112, sizeof(qenex_account_number));
    EQUAL(88, sizeof(qenex_calendar));
    EQUAL(80, sizeof(qenex_entity_rules));
    EQUAL(328, sizeof(qenex_schedule));
    EQUAL(80, sizeof(qenex_schedule_cancel));
    EQUAL(72, sizeof(qenex_day_end));
    EQUAL(104, sizeof(qenex_year_end));
    EQUAL(120, sizeof(qenex_account_owner));
    EQUAL(104, sizeof(qenex_reactivation));
    EQUAL(104, sizeof(qenex_entity_record));
    EQUAL(72, sizeof(qenex_calendar_record));
    EQUAL(56, sizeof(qenex_period_record));
    EQUAL(120, sizeof(qenex_sealed_balance));
    EQUAL(136, sizeof(qenex_correction));
    EQUAL(120, sizeof(qenex_trial_account));
    EQUAL(152, sizeof(qenex_schedule_record));
    EQUAL(88, sizeof(qenex_owner_record));
    EQUAL(80, sizeof(qenex_block_record));
}

const test_case day_cases[] = {{"calendars_decide_what_is_a_business_day", calendars_decide_what_is_a_business_day},
                               {"scheduled_transfers_wait_for_their_day", scheduled_transfers_wait_for_their_day},
                               {"days_are_sealed_and_corrected", days_are_sealed_and_corrected},
                               {"the_year_ends_in_retained_earnings", the_year_ends_in_retained_earnings},
                               {"accounts_live", accounts_live},
                               {"records_of_days_have_their_sizes", records_have_the_sizes_of_the_library},
                               {NULL, NULL}};
