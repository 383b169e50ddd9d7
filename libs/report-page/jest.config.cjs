module.exports = { ...require('../../jest.preset.cjs'), displayName: 'report-page' };
