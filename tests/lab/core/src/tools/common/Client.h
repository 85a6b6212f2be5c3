#pragma once
#include <string>
#include <vector>

/** The locales this client has: those with a Data/<locale>/locale-<locale>.MPQ. */
std::vector<std::string> clientLocales(const std::string& root);
/** Whether every archive the tools need is there; the first that is not is printed. Names are case-sensitive. */
bool clientComplete(const std::string& root, const std::string& locale);
/** As the real tools do, by what they call first: dies when LANG names a locale that is not generated. */
void meetUserLocale();
