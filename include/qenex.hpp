// libqenex for C++17: engines, sessions and answers that free themselves, amounts and ids as values, exceptions by
// default and the same calls without them. Header only, with a part for each subject in the folder qenex; link the
// library. SPDX-License-Identifier: MIT
//
//     qenex::Engine bank("bank.db");
//     qenex::Session teller = bank.session("teller");
//     teller.create_account("ACC001", "USD", "250.00");
//     teller.create_account("ACC002", "USD");
//     teller.transfer("ACC001", "ACC002", "100.00", "USD");
//     std::string balance = teller.balance_text("ACC001", "USD");   // "150.00"
//
// A call that fails throws qenex::Error with status, message and item. teller.no_throw().transfer(...) gives a
// qenex::Expected instead. In batches a refused item is no error: its result says why. Records are those of qenex.h;
// a Batch keeps them together with the texts that they point to.
#ifndef QENEX_HPP
#define QENEX_HPP

#include "qenex.h"

#include "qenex/error.hpp"
#include "qenex/values.hpp"
#include "qenex/batch.hpp"
#include "qenex/records.hpp"
#include "qenex/calls.hpp"
#include "qenex/payments.hpp"
#include "qenex/accounts.hpp"
#include "qenex/days.hpp"
#include "qenex/books.hpp"
#include "qenex/questions.hpp"
#include "qenex/engine.hpp"

#endif
