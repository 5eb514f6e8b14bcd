// The smallest use of an installed libqenex from C++.
#include <iostream>

#include <qenex.hpp>

int main()
try {
    qenex::Engine bank = qenex::Engine::in_memory();
    qenex::Session teller = bank.session("teller");
    teller.create_account("ACC001", "USD", "250.00");
    std::cout << teller.balance_text("ACC001", "USD") << '\n';
    return 0;
} catch (const qenex::Error &error) {
    std::cerr << error.what() << '\n';
    return 1;
}
