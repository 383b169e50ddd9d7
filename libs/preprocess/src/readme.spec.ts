import { preprocessSchema } from '@assay/config';
import { expectReadmeShows } from '@assay/testing';
import { fitPreprocessor, Preprocessor, type ContentRecord, type FitConfig } from './index.js';

const config: FitConfig = {
  preprocess: preprocessSchema.parse({}),
  data: { columns: { numeric: ['price'], categorical: [] }, maxImagePixels: 1 },
};
const record: ContentRecord = { id: '1', text: {}, images: [], numeric: { price: 2 }, categorical: {} };

async function* records(): AsyncGenerator<ContentRecord> {
  yield await Promise.resolve(record);
}
const trainRecords = records();

describe('README', () => {
  it('shows an example that works', async () => {
    // example
    const preprocessor = await fitPreprocessor(config, trainRecords);
    const inputs = await preprocessor.encode(record);
    const restored = Preprocessor.fromJSON(JSON.parse(JSON.stringify(preprocessor)));
    expect(await restored.encode(record)).toEqual(inputs);
    // end
    expectReadmeShows(__filename);
  });
});
