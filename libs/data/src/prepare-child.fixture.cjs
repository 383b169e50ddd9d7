// Prepares the tiny source of a folder, and says on standard error which phase is done.
require('../../testing/register-sources.cjs');
const { prepareStage } = require('./prepare-stage.js');
const { photoSource } = require('./photo-source.fixture.js');

void prepareStage({ ...photoSource(process.argv[2]), progress: 'lines' });
