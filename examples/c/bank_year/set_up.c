#include "set_up.h"

#include <string.h>

#include "fail.h"

static void create_currency(bank *of, const char *code)
{
    qenex_asset asset;
    qenex_result result;
    qenex_error *error = NULL;
    memset(&asset, 0, sizeof asset);
    asset.code.length = (uint32_t)strlen(code);
    check(qenex_assets_create(of->session, &asset, 1, sizeof asset, (const uint8_t *)code, strlen(code), NULL, &result,
                              &error),
          &error, "creating a currency");
    if (result.status != QENEX_OK) {
        fail("creating the currency %s: %s", code, qenex_status_explanation(result.status));
    }
}

static void add_entity(bank *of)
{
    qenex_entity entity;
    memset(&entity, 0, sizeof entity);
    entity.id = batch_id(TASK_SETUP, SET_UP_ENTITY, 0);
    entity.name = batch_text(&of->batch, of->in->name);
    entity.time_zone = batch_text(&of->batch, of->in->time_zone);
    entity.functional_currency = of->in->currencies.at[0].asset;
    entity.business_date = of->in->first_day;
    batch_add(&of->batch, TASK_SETUP, 0, QENEX_COMMAND_ENTITY, &entity, sizeof entity);
}

static void add_code(bank *of, size_t index)
{
    const gl_code *from = &of->in->chart.at[index];
    qenex_gl_code code;
    bank_make_room(of);
    memset(&code, 0, sizeof code);
    code.key = batch_id(TASK_SETUP, SET_UP_CODE, index);
    code.code = batch_text(&of->batch, from->code);
    code.name = batch_text(&of->batch, from->name);
    code.kind = from->kind;
    code.flags = from->control ? QENEX_GL_CODE_CONTROL : 0;
    batch_add(&of->batch, TASK_SETUP, index, QENEX_COMMAND_GL_CODE, &code, sizeof code);
}

static void add_account(bank *of, size_t index)
{
    const account *from = &of->in->accounts.at[index];
    qenex_account opened;
    bank_make_room(of);
    memset(&opened, 0, sizeof opened);
    opened.id = bank_account_id(index);
    opened.number = batch_text(&of->batch, from->number);
    opened.name = batch_text(&of->batch, from->name);
    opened.asset = input_currency(of->in, index)->asset;
    opened.kind = from->kind;
    opened.flags = from->may_overdraw ? 0 : QENEX_ACCOUNT_NO_OVERDRAFT;
    batch_add(&of->batch, TASK_SETUP, index, QENEX_COMMAND_ACCOUNT, &opened, sizeof opened);
}

/* An account's codes in the general ledger, from the first day on. */
static void add_assignment(bank *of, size_t index)
{
    const account *from = &of->in->accounts.at[index];
    qenex_gl_assignment assigned;
    bank_make_room(of);
    memset(&assigned, 0, sizeof assigned);
    assigned.key = batch_id(TASK_SETUP, SET_UP_ASSIGNMENT, index);
    assigned.account = bank_account_id(index);
    assigned.code = batch_text(&of->batch, from->code);
    assigned.contrary_code = batch_text(&of->batch, from->contrary_code);
    assigned.from = of->in->first_day;
    batch_add(&of->batch, TASK_SETUP, index, QENEX_COMMAND_GL_ASSIGNMENT, &assigned, sizeof assigned);
}

static void add_position(bank *of, size_t index)
{
    size_t account = of->in->positions.at[index].account;
    qenex_position position;
    bank_make_room(of);
    memset(&position, 0, sizeof position);
    position.key = batch_id(TASK_SETUP, SET_UP_POSITION, index);
    position.account = bank_account_id(account);
    position.asset = input_currency(of->in, account)->asset;
    batch_add(&of->batch, TASK_SETUP, index, QENEX_COMMAND_POSITION, &position, sizeof position);
}

static void add_opening(bank *of, size_t index)
{
    const opening *from = &of->in->openings.at[index];
    qenex_transfer transfer;
    bank_make_room(of);
    memset(&transfer, 0, sizeof transfer);
    transfer.id = batch_id(TASK_SETUP, SET_UP_OPENING, index);
    transfer.debit_id = bank_account_id(from->debit);
    transfer.credit_id = bank_account_id(from->credit);
    transfer.amount = amount_of(from->amount);
    transfer.asset = input_currency(of->in, from->debit)->asset;
    transfer.narrative = batch_text(&of->batch, "opening balance");
    batch_add(&of->batch, TASK_SETUP, index, QENEX_COMMAND_TRANSFER, &transfer, sizeof transfer);
}

uint64_t set_up(bank *of)
{
    uint64_t repeated;
    size_t index;
    for (index = 0; index < of->in->currencies.count; ++index) {
        create_currency(of, of->in->currencies.at[index].code);
    }
    add_entity(of);
    for (index = 0; index < of->in->chart.count; ++index) {
        add_code(of, index);
    }
    for (index = 0; index < of->in->accounts.count; ++index) {
        add_account(of, index);
    }
    for (index = 0; index < of->in->accounts.count; ++index) {
        add_assignment(of, index);
    }
    for (index = 0; index < of->in->positions.count; ++index) {
        add_position(of, index);
    }
    for (index = 0; index < of->in->openings.count; ++index) {
        add_opening(of, index);
    }
    bank_send(of);
    repeated = of->so_far.batches.repeated;
    /* Paying is measured apart. */
    measures_free(&of->so_far.batches);
    memset(&of->today, 0, sizeof of->today);
    return repeated;
}
