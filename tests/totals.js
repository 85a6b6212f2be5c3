/** Jest reporter for CI: names what was skipped and why, and leaves the totals where `.ci/run` looks for them. */
const { writeFileSync } = require("node:fs");

module.exports = class Totals {
  onRunComplete(_contexts, results) {
    const skipped = results.testResults.flatMap((file) =>
      file.testResults
        .filter(({ status }) => status !== "passed" && status !== "failed")
        .map(({ fullName }) => fullName),
    );
    for (const name of skipped) console.log(`skipped: ${name}`);
    const broken = results.testResults.filter(({ testExecError }) => testExecError).length;
    const failed = results.numFailedTests + broken + (process.env.CI && skipped.length > 0 ? 1 : 0);
    if (process.env.TRINITY_TOTALS) writeFileSync(process.env.TRINITY_TOTALS, `${results.numPassedTests} ${failed}\n`);
    if (process.env.CI && skipped.length > 0)
      this.error = new Error(`${skipped.length} tests were skipped; in CI none may be`);
  }

  getLastError() {
    return this.error;
  }
};
