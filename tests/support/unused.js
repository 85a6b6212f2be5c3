/** In the place of modules that the SDK loads and no test uses (jest.config.js). */
module.exports = {};
