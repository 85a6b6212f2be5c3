#pragma once
#include <string>
#include <vector>

/** The locales in a client's folder Data: those with a <locale>/locale-<locale>.MPQ. Names are case-sensitive. */
std::vector<std::string> clientLocales(const std::string& data);
/** What is in its archives. As in the real tools, one that cannot be opened is named and gone on without. */
std::string clientContent(const std::string& data, const std::string& locale);
bool hasMaps(const std::string& content);
/** The build that component.wow-<locale>.txt names; empty when that file is in no archive. */
std::string clientBuild(const std::string& content);
/** As the real tools do, by what they call first: dies when LANG names a locale that is not generated. */
void meetUserLocale();
