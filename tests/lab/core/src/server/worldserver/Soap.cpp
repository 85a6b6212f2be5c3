#include "Config.h"
#include "Crypto.h"
#include "Log.h"
#include "Process.h"
#include "World.h"
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <thread>
#include <unistd.h>

namespace {
struct Request {
  std::string method, authorization, body;
};

bool receive(int guest, Request& request) {
  std::string text;
  size_t end = std::string::npos, size = 0;
  for (char part[4096]; end == std::string::npos || text.size() < end + 4 + size;) {
    const ssize_t count = recv(guest, part, sizeof part, 0);
    if (count <= 0 || text.size() > 1 << 20)
      return false;
    text.append(part, static_cast<size_t>(count));
    if (end != std::string::npos || (end = text.find("\r\n\r\n")) == std::string::npos)
      continue;
    request.method = text.substr(0, text.find(' '));
    for (size_t at = text.find("\r\n"); at < end; at = text.find("\r\n", at + 2)) {
      const char* line = text.c_str() + at + 2;
      if (strncasecmp(line, "Content-Length:", 15) == 0)
        size = std::strtoul(line + 15, nullptr, 10);
      else if (strncasecmp(line, "Authorization: Basic ", 21) == 0)
        request.authorization = text.substr(at + 23, text.find("\r\n", at + 2) - at - 23);
      else if (strncasecmp(line, "Expect: 100-continue", 20) == 0)
        send(guest, "HTTP/1.1 100 Continue\r\n\r\n", 25, MSG_NOSIGNAL);
    }
  }
  request.body = text.substr(end + 4);
  return true;
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
  return text;
}
std::string escaped(const std::string& text) {
  return replaced(replaced(replaced(replaced(text, "&", "&amp;"), "<", "&lt;"), ">", "&gt;"), "\r", "&#xD;");
}
std::string unescaped(const std::string& text) {
  return replaced(replaced(replaced(replaced(replaced(text, "&lt;", "<"), "&gt;", ">"), "&quot;", "\""), "&apos;", "'"), "&amp;", "&");
}

void reply(int guest, const std::string& status, const std::string& content, const std::string& header = "") {
  const std::string body = content.empty() ? "" : "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<SOAP-ENV:Envelope xmlns:SOAP-ENV=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:ns1=\"urn:TC\"><SOAP-ENV:Body>" + content + "</SOAP-ENV:Body></SOAP-ENV:Envelope>";
  const std::string text = "HTTP/1.1 " + status + "\r\nServer: gSOAP/2.8\r\nContent-Type: text/xml; charset=utf-8\r\n" + header + "Content-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + body;
  send(guest, text.data(), text.size(), MSG_NOSIGNAL);
}

void fault(int guest, const std::string& text) {
  reply(guest, "500 Internal Server Error", "<SOAP-ENV:Fault><faultcode>SOAP-ENV:Client</faultcode><faultstring>" + escaped(text) + "</faultstring><detail>" + escaped(text) + "</detail></SOAP-ENV:Fault>");
}

void answer(World& world, int guest) {
  Request request;
  if (!receive(guest, request))
    return;
  if (request.method != "POST")
    return reply(guest, "405 Method Not Allowed", "");
  const std::string login = fromBase64(request.authorization);
  const size_t colon = login.find(':');
  const int level = colon == std::string::npos ? -1 : levelOf(world, login.substr(0, colon), login.substr(colon + 1), false);
  if (level < 0)
    return reply(guest, "401 Unauthorized", "", "WWW-Authenticate: Basic realm=\"gSOAP Web Service\"\r\n");
  if (level < 3)
    return reply(guest, "403 Forbidden", "");
  const size_t begin = request.body.find("<command>"), end = request.body.find("</command>");
  if (begin == std::string::npos || end == std::string::npos)
    return fault(guest, "Command can not be empty");
  const Answer result = runCommand(world, unescaped(request.body.substr(begin + 9, end - begin - 9)));
  if (!result.good)
    return fault(guest, result.text);
  reply(guest, "200 OK", "<ns1:executeCommandResponse><result>" + escaped(result.text) + "</result></ns1:executeCommandResponse>");
}
} // namespace

namespace {
std::thread soap;
}

bool startSoap(World& world) {
  const Config& config = Config::get();
  const int door = listenOn(config.text("SOAP.IP", "127.0.0.1"), config.number("SOAP.Port", 7878));
  if (door < 0) {
    logLine(Level::Error, "network.soap", "Couldn't bind to %s:%ld", config.text("SOAP.IP", "127.0.0.1").c_str(), config.number("SOAP.Port", 7878));
    return false;
  }
  soap = std::thread([&world, door] {
    while (!world.stopped) { // one request at a time
      pollfd waiting{door, POLLIN, 0};
      if (poll(&waiting, 1, 3000) <= 0)
        continue;
      const int guest = accept4(door, nullptr, nullptr, SOCK_CLOEXEC);
      if (guest < 0)
        continue;
      const timeval patience{5, 0};
      setsockopt(guest, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
      answer(world, guest);
      close(guest);
    }
  });
  return true;
}

void awaitSoap() {
  if (soap.joinable())
    soap.join();
}
