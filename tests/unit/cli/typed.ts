/** What a verb that a test types says, and what it ends with. */
export class Typed {
  out = "";
  err = "";

  /** Beside each test of the file. */
  constructor() {
    beforeEach(() => {
      this.out = "";
      this.err = "";
      jest.spyOn(process.stdout, "write").mockImplementation((text) => {
        this.out += text;
        return true;
      });
      jest.spyOn(process.stderr, "write").mockImplementation((text) => {
        this.err += text;
        return true;
      });
      jest.spyOn(console, "error").mockImplementation((text) => {
        this.err += `${text}\n`;
      });
    });
    afterEach(() => {
      jest.restoreAllMocks();
      process.exitCode = undefined;
    });
  }
}
