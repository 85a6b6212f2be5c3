/** Where alerts go: secrets, which a refusal does not show. */
import { problems } from "./source";

it.each([
  ["alerts.webhook", "https://hooks.example.net/services/T0/B0/x?y=%20#z"],
  ["alerts.webhook", "http://10.0.0.5:8080/"],
  ["alerts.webhook", 'https://a.example/"\\'],
  ["alerts.command", 'mail -s "$TRINITY_SENTENCE" ops@example.net'],
])("%s takes %j, as a secret alone", (key, value) => {
  expect(problems({ [key]: value }, [key])).toEqual([]);
  expect(problems({ [key]: value })).toEqual([expect.stringMatching(/is in the stack config in clear/)]);
});

it.each([
  ["alerts.webhook", "hooks.example.net/s3cret", /must be a URL that begins with https:/],
  ["alerts.webhook", "ftp://example.net/s3cret", /must be a URL that begins with https:/],
  ["alerts.webhook", "https:///s3cret", /must be a URL/],
  ["alerts.webhook", "https://example.net/s3 cret", /without blanks/],
  ["alerts.webhook", "https://example.net/s3cr\u00e9t", /printable ASCII/],
  ["alerts.webhook", `https://example.net/${"s3cret".repeat(400)}`, /longer than 2000/],
  ["alerts.command", "s3cret\ntwo", /line breaks/],
])("%s refuses %j, and does not show it", (key, value, says) => {
  const [found = "", ...more] = problems({ [key]: value }, [key]);
  expect(found).toMatch(says);
  expect([found.includes(value), more]).toEqual([false, []]);
});
