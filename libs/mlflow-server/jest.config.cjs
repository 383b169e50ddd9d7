module.exports = { ...require('../../jest.preset.cjs'), displayName: 'mlflow-server' };
