import { MESSAGES_FIELD } from '@assay/config';
import { AssayError } from '@assay/core';
import { renderMessages, type ContentRecord } from '@assay/preprocess';
import type { RecordSchema } from '@assay/registry';
import { z } from 'zod';
import { requestError, unprocessable } from './request-error.js';

const MAX_IMAGES = 16;
/** Reading text keeps the process from everything else, so one request may bring only so much. */
const MAX_TEXT_LENGTH = 100_000;
const MAX_REQUEST_TEXT_LENGTH = 250_000;
const MAX_MESSAGES = 1000;

export interface ListingRequest {
  /** The caller's ids, for the answer; null where none was given. */
  ids: (string | null)[];
  /** Records whose id is their path in the request, so that an error can name it without repeating content. */
  records: ContentRecord[];
}

/**
 * Makes a parser for the body of `POST /v1/decisions`: `{ listing }` or `{ listings: [] }`.
 * Images are base64 bytes; addresses are never fetched. A model of conversations also takes `messages`, the same list
 * that it was trained on, in place of their rendered text.
 *
 * @param schema fields that the model's records have
 * @param maxListings most listings of one request
 * @returns a function that throws REQUEST_INVALID naming the path of each problem, or when the texts are too long
 * together, or (422) when a listing holds nothing
 */
export function listingRequestParser(
  schema: RecordSchema,
  maxListings: number,
): (body: unknown) => ListingRequest {
  const { shape, listing } = listingSchema(schema);
  const body = z
    .strictObject({
      listing: listing.optional(),
      listings: z.array(listing).min(1).max(maxListings).optional(),
    })
    .refine(
      (value) => (value.listing === undefined) !== (value.listings === undefined),
      "expected either 'listing' or 'listings'",
    );

  const keysAt = (path: readonly string[]): readonly string[] => {
    const last = path.at(-1);
    if (last === undefined) return ['listing', 'listings'];
    if (last === 'text' || last === 'numeric' || last === 'categorical') return schema[last];
    return Object.keys(shape);
  };
  return (value) => {
    const parsed = body.safeParse(value);
    if (!parsed.success) throw requestError(parsed.error, keysAt);
    const { listing: one, listings = [] } = parsed.data;
    const all = one === undefined ? listings : [one];
    assertTextFits(all);
    const records = all.map((item, index) =>
      toRecord(item, one === undefined ? `listings[${index}]` : 'listing', schema),
    );
    for (const record of records) assertNotEmpty(record);
    return { ids: all.map(({ id }) => id ?? null), records };
  };
}

/** What a listing may hold, and its fields by name. */
function listingSchema(schema: RecordSchema) {
  const image = z
    .string()
    .min(1)
    .refine(
      isBase64,
      'expected the bytes of an image in base64 (no address, no data: prefix, no line breaks)',
    );
  const messages = z
    .array(
      z.strictObject({
        role: z.string().trim().min(1).max(100),
        text: z.string(),
        at: z.string().optional(),
      }),
    )
    .max(MAX_MESSAGES)
    .transform(renderMessages)
    .refine(
      (text) => text.length <= MAX_TEXT_LENGTH,
      `expected at most ${MAX_TEXT_LENGTH} characters in all messages together`,
    );
  const conversation = z.strictObject({
    id: z.string().min(1).max(256).optional(),
    text: fields(schema.text, z.string().max(MAX_TEXT_LENGTH)),
    images: z.array(image).max(MAX_IMAGES).default([]),
    numeric: fields(schema.numeric, z.number().nullable()),
    categorical: fields(schema.categorical, z.string().max(1000).nullable()),
    messages: messages.optional(),
  });
  const fieldsOfListing = schema.text.includes(MESSAGES_FIELD)
    ? conversation
    : (conversation.omit({ messages: true }) as unknown as typeof conversation); // the field is then never there
  const listing = fieldsOfListing
    .refine(
      ({ messages: rendered, text }) => rendered === undefined || text[MESSAGES_FIELD] === undefined,
      `expected either '${MESSAGES_FIELD}' or 'text.${MESSAGES_FIELD}'`,
    )
    .transform(({ messages: rendered, text, ...others }) => ({
      ...others,
      text: rendered === undefined ? text : { ...text, [MESSAGES_FIELD]: rendered },
    }));
  return { shape: fieldsOfListing.shape, listing };
}

interface Listing {
  text: Partial<Record<string, string>>;
  images: string[];
  numeric: Partial<Record<string, number | null>>;
  categorical: Partial<Record<string, string | null>>;
}

function assertTextFits(listings: readonly Listing[]): void {
  const texts = listings.flatMap(({ text }) => Object.values(text));
  const length = texts.reduce((sum, text) => sum + (text?.length ?? 0), 0);
  if (length <= MAX_REQUEST_TEXT_LENGTH) return;
  throw new AssayError(
    'REQUEST_INVALID',
    `The texts of the request have ${length} characters; at most ${MAX_REQUEST_TEXT_LENGTH} are allowed. Fix: split it.`,
  );
}

function toRecord(
  { text, images, numeric, categorical }: Listing,
  path: string,
  schema: RecordSchema,
): ContentRecord {
  return {
    id: path,
    text: Object.fromEntries(schema.text.map((field) => [field, text[field] ?? ''])),
    images: images.slice(0, schema.maxImages).map((image) => Buffer.from(image, 'base64')),
    numeric: Object.fromEntries(schema.numeric.map((field) => [field, numeric[field] ?? null])),
    categorical: Object.fromEntries(schema.categorical.map((field) => [field, categorical[field] ?? null])),
  };
}

/** A score of nothing would be a guess that looks like a decision. */
function assertNotEmpty({ id, text, images, numeric, categorical }: ContentRecord): void {
  const fields = [...Object.values(text), ...Object.values(categorical)];
  if (images.length > 0 || fields.some((field) => (field ?? '').trim() !== '')) return;
  if (Object.values(numeric).some((value) => value !== null)) return;
  throw unprocessable(
    `${id} holds nothing that the model reads; a listing needs text, an image or a field. Fix: fill it in, or leave it out.`,
  );
}

/** RFC 4648 §4 with padding, without line breaks. `Buffer.from` alone would skip whatever does not belong. */
const isBase64 = (text: string): boolean => text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);

/** A strict object in which each of the named fields is optional; left out, it is the empty object. */
function fields<T extends z.ZodType>(names: readonly string[], value: T) {
  const shape: Record<string, z.ZodOptional<T>> = Object.fromEntries(
    names.map((name) => [name, value.optional()]),
  );
  return z.strictObject(shape).prefault({});
}
