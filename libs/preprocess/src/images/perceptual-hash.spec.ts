import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodePixels } from './decode-pixels.js';
import { greyPixels } from './grey-pixels.js';
import { hammingDistance } from './hamming-distance.js';
import { lowFrequencies } from './low-frequencies.js';
import { hashImage } from './perceptual-hash.js';
import { noise, picture, pillowSuite, pixelsOf, runPillow, type TestImage } from './pillow.fixture.js';
import { pixelDigest } from './pixel-digest.js';

const POSTS = join(__dirname, '../../../../data/mediaeval2016/images');
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** The image from right to left. */
function flopped({ height, width, channels, pixels }: TestImage): TestImage {
  const out = pixels.map((_, i) => {
    const c = i % channels;
    const x = Math.floor(i / channels) % width;
    const y = Math.floor(i / channels / width);
    return pixels[(y * width + width - 1 - x) * channels + c]!;
  });
  return { height, width, channels, pixels: out };
}

describe('greyPixels', () => {
  it('weighs the colours', () => {
    const pixels = Uint8Array.from([255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 1, 2, 3]);
    // .299, .587 and .114 of 255 are 76.2, 149.7 and 29.1; of 1, 2 and 3 together 1.8
    expect([...greyPixels({ height: 1, width: 5, pixels })]).toEqual([76, 150, 29, 255, 2]);
  });

  it('is the same in pieces', () => {
    const image = noise(400, 500, 3);
    const expected = Uint8Array.from({ length: 200_000 }, (_, i) => {
      const [r, g, b] = [image.pixels[3 * i]!, image.pixels[3 * i + 1]!, image.pixels[3 * i + 2]!];
      return (r * 19595 + g * 38470 + b * 7471 + 32768) >> 16;
    });
    expect(hex(greyPixels(image))).toBe(hex(expected));
  });
});

describe('lowFrequencies', () => {
  it('are sums of cosines', () => {
    const values = [1, 5, 2, 9, 4, 4, 7, 0, 3, 8, 6, 2, 1, 1, 5, 9];
    const expected = [0, 1, 2].flatMap((v) =>
      [0, 1, 2].map((u) =>
        values.reduce((sum, value, i) => {
          const [y, x] = [Math.floor(i / 4), i % 4];
          return (
            sum +
            value * Math.cos((Math.PI * v * (2 * y + 1)) / 8) * Math.cos((Math.PI * u * (2 * x + 1)) / 8)
          );
        }, 0),
      ),
    );
    lowFrequencies(values, 3).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 12));
  });
});

describe('hashImage', () => {
  it('has a bit for each frequency above the median', () => {
    // 32 frequencies go up and 32 down, and so they do when the odd horizontal ones turn
    const bits = [
      0b11010010, 0b00110101, 0b10101100, 0b01100011, 0b11100001, 0b00011110, 0b01011010, 0b10001101,
    ];
    const wave = (frequency: number, at: number) => Math.cos((Math.PI * frequency * (2 * at + 1)) / 64);
    const grey = Uint8Array.from({ length: 32 * 32 }, (_, i) => {
      let sum = 128;
      for (let v = 0; v < 8; v++)
        for (let u = 0; u < 8; u++)
          sum += ((bits[v]! << u) & 128 ? 1.5 : -1.5) * wave(v, Math.floor(i / 32)) * wave(u, i % 32);
      return Math.round(sum);
    });
    const pixels = Uint8Array.from({ length: 32 * 32 * 3 }, (_, i) => grey[Math.floor(i / 3)]!);
    const { hash64, mirrored64 } = hashImage({ height: 32, width: 32, pixels });
    expect([...hash64]).toEqual(bits);
    expect([...mirrored64]).toEqual(bits.map((byte) => byte ^ 0b01010101));
  });

  it('foresees the hash of the mirrored image', () => {
    const images = [picture(192, 256), picture(97, 61, 3, 2), picture(33, 500, 3, 3), noise(64, 64, 3)];
    for (const image of images) {
      const hashes = hashImage(image);
      const ofMirrored = hashImage(flopped(image));
      expect(hex(hashes.mirrored64)).toBe(hex(ofMirrored.hash64));
      expect(hex(hashes.mirrored256)).toBe(hex(ofMirrored.hash256));
      expect(hex(hashes.hash64)).not.toBe(hex(ofMirrored.hash64));
    }
  });

  it('knows an image without texture', () => {
    const flat = { height: 40, width: 30, pixels: new Uint8Array(3600).fill(200) };
    expect(hashImage(flat)).toMatchObject({ isFlat: true });
    const faint = { ...flat, pixels: noise(40, 30, 3).pixels.map((value) => 200 + (value >> 7)) };
    expect(hashImage(faint)).toMatchObject({ isFlat: true });
    expect(hashImage(picture(40, 30))).toMatchObject({ isFlat: false });
  });

  it('hashes the smallest images', () => {
    for (const sides of [
      { height: 1, width: 1 },
      { height: 1, width: 2000 },
      { height: 2000, width: 1 },
    ]) {
      const pixels = new Uint8Array(sides.height * sides.width * 3).fill(3);
      expect(hashImage({ ...sides, pixels }).hash256).toHaveLength(32);
    }
  });
});

describe('hammingDistance', () => {
  it('counts bits', () => {
    expect(hammingDistance(Uint8Array.of(0b1011, 255), Uint8Array.of(0b0001, 0))).toBe(10);
  });

  it('refuses hashes of two kinds', () => {
    expect(() => hammingDistance(new Uint8Array(8), new Uint8Array(32))).toThrow(
      expect.objectContaining({ code: 'SHAPE_MISMATCH' }) as Error,
    );
  });
});

describe('pixelDigest', () => {
  it('tells sides and pixels apart', () => {
    const pixels = new Uint8Array(18);
    const digest = pixelDigest({ height: 2, width: 3, pixels });
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(pixelDigest({ height: 2, width: 3, pixels: new Uint8Array(18) })).toBe(digest);
    expect(pixelDigest({ height: 3, width: 2, pixels })).not.toBe(digest);
    expect(pixelDigest({ height: 2, width: 3, pixels: pixels.fill(1, 17) })).not.toBe(digest);
  });
});

pillowSuite('hashes and imagehash', () => {
  it('grey is the same to the bit', () => {
    const image = noise(123, 77, 3);
    const [reference] = runPillow([{ operation: 'grey', image }]);
    expect(hex(greyPixels(image))).toBe(hex(pixelsOf(reference!)));
  });

  it('hashes are the same to the bit', () => {
    const images = [
      picture(192, 256),
      picture(97, 61, 3, 2),
      picture(31, 500, 3, 3),
      picture(640, 480, 3, 4),
    ];
    for (let seed = 1; seed <= 60; seed++) images.push(noise(20 + seed, 90 - seed, 3, seed));
    expect(images.map(ownHashes)).toEqual(imagehashes(images));
  });

  // real posts, where the folder of data is there
  (existsSync(POSTS) ? it : it.skip)('hashes of posts are the same to the bit', async () => {
    const images: TestImage[] = [];
    for (const file of readdirSync(POSTS).sort().slice(0, 60))
      images.push({ ...(await decodePixels(readFileSync(join(POSTS, file)))), channels: 3 });
    expect(images.map(ownHashes)).toEqual(imagehashes(images));
  });
});

function ownHashes(image: TestImage): string[] {
  const { hash64, hash256 } = hashImage(image);
  return [hex(hash64), hex(hash256)];
}

function imagehashes(images: TestImage[]): string[][] {
  const cases = images.flatMap((image) =>
    [8, 16].map((size) => ({ operation: 'hash', image, options: { size } })),
  );
  const hashes = runPillow(cases).map((hash) => hex(pixelsOf(hash)));
  return images.map((_, i) => hashes.slice(2 * i, 2 * i + 2));
}
