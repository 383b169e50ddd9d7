import { listingRequestParser } from './listing-request.js';

const parse = listingRequestParser(
  {
    schemaVersion: 1,
    text: ['title', 'description'],
    numeric: ['price'],
    categorical: ['category'],
    maxImages: 2,
    idLimits: {},
  },
  3,
);
const problem = (body: unknown): Error => {
  try {
    parse(body);
  } catch (error) {
    return error as Error;
  }
  throw new Error('the body was accepted');
};

describe('listingRequestParser', () => {
  it('fills in what a listing leaves out', () => {
    const { ids, records } = parse({ listing: { text: { title: 'Lamp' } } });
    expect(ids).toEqual([null]);
    expect(records).toEqual([
      {
        id: 'listing',
        text: { title: 'Lamp', description: '' },
        images: [],
        numeric: { price: null },
        categorical: { category: null },
      },
    ]);
  });

  it('decodes images and keeps the order of listings', () => {
    const { ids, records } = parse({
      listings: [
        { id: 'a', images: ['AQID'] },
        { id: 'b', numeric: { price: 3 } },
      ],
    });
    expect(ids).toEqual(['a', 'b']);
    expect([...records[0]!.images[0]!]).toEqual([1, 2, 3]);
    expect(records.map(({ id }) => id)).toEqual(['listings[0]', 'listings[1]']);
    expect(records[1]?.numeric).toEqual({ price: 3 });
  });

  it('decodes only as many images as the model looks at', () => {
    expect(parse({ listing: { images: ['AQID', 'AQID', 'AQID'] } }).records[0]?.images).toHaveLength(2);
  });

  it('renders the messages of a conversation as training does, when the model reads them', () => {
    const schema = {
      schemaVersion: 1,
      text: ['messages'],
      numeric: [],
      categorical: [],
      maxImages: 0,
      idLimits: {},
    };
    const parseTalk = listingRequestParser(schema as never, 3);
    const messages = [
      { role: ' buyer ', text: 'Is it\r\n wool?', at: '2024-05-31T18:00:00Z' },
      { role: 'seller', text: 'Yes.' },
    ];
    const rendered = 'buyer: Is it wool?\nseller: Yes.';
    expect(parseTalk({ listing: { messages } }).records[0]?.text).toEqual({ messages: rendered });
    expect(parseTalk({ listing: { text: { messages: rendered } } }).records[0]?.text).toEqual({
      messages: rendered,
    });
    const refused = (listing: unknown): string => {
      try {
        parseTalk({ listing });
      } catch (error) {
        return (error as Error).message;
      }
      return 'accepted';
    };
    expect(refused({ messages, text: { messages: rendered } })).toContain(
      "either 'messages' or 'text.messages'",
    );
    expect(refused({ messages: [{ role: ' ', text: 'x' }] })).toContain('listing.messages[0].role');
    expect(refused({ messages: [{ role: 'a', text: 'x'.repeat(100_000) }] })).toContain(
      'at most 100000 characters',
    );
    expect(problem({ listing: { messages } }).message).toContain("unknown field 'listing.messages'");
  });

  it.each([
    [{ listing: { txet: {} } }, "unknown field 'listing.txet'; did you mean 'text'?"],
    [
      { listings: [{}, { text: { titel: 'x' } }] },
      "unknown field 'listings[1].text.titel'; did you mean 'title'?",
    ],
    [{ listing: { numeric: { price: 'cheap' } } }, 'listing.numeric.price: Invalid input: expected number'],
    [
      { listing: { images: ['https://example.org/a.jpg'] } },
      'listing.images[0]: expected the bytes of an image in base64',
    ],
    [{ listing: { images: ['AQI'] } }, 'listing.images[0]: expected the bytes'],
    [{ listing: { images: [''] } }, 'listing.images[0]'],
    [{ listing: {}, listings: [{}] }, "expected either 'listing' or 'listings'"],
    [{}, "expected either 'listing' or 'listings'"],
    [{ listings: [] }, 'listings: '],
    [{ listings: [{}, {}, {}, {}] }, 'listings: '],
    [[], 'the body: '],
    [null, 'the body: '],
  ])('refuses %j and names the path', (body, message) => {
    expect(problem(body)).toMatchObject({ code: 'REQUEST_INVALID' });
    expect(problem(body).message).toContain(message);
  });

  it('takes only so much text in all', () => {
    const text = 'x'.repeat(25_000);
    const many = listingRequestParser(
      { schemaVersion: 1, text: ['title', 'body'], numeric: [], categorical: [], maxImages: 0, idLimits: {} },
      64,
    );
    const listings = Array.from({ length: 5 }, () => ({ text: { title: text, body: text } }));
    expect(many({ listings }).records).toHaveLength(5); // 5 × 2 × 25,000 characters
    expect(() => many({ listings: [...listings, { text: { title: 'x' } }] })).toThrow(
      'The texts of the request have 250001 characters; at most 250000 are allowed.',
    );
  });

  it('never repeats content, not even as the name of a field', () => {
    const error = problem({ listing: { 'my secret: 42': 1, text: { title: 7, description: ['secret'] } } });
    expect(error.message).toContain('unknown field in listing');
    expect(error.message).not.toMatch(/secret|42/);
  });

  it('is not fooled by fields named like built-in members', () => {
    expect(problem(JSON.parse('{"listing":{"text":{"__proto__":"x"}}}')).message).toContain('unknown field');
    expect(problem({ listing: { text: { constructor: 'x' } } }).message).toContain('unknown field');
  });
});
