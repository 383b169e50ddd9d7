import { normalQuantile } from './normal-quantile.js';

describe('normalQuantile', () => {
  it.each([
    [0.5, 0],
    [0.75, 0.6744897501960817],
    [0.975, 1.959963984540054],
    [0.999, 3.090232306167813],
    [1e-7, -5.199337582192817],
  ])('knows the tables: %f', (p, expected) => {
    expect(normalQuantile(p)).toBeCloseTo(expected, 12);
  });

  it('is odd around one half, on both sides of where the formula changes', () => {
    for (const p of [0.01, 0.0749, 0.075, 0.0751, 0.3])
      expect(normalQuantile(1 - p)).toBeCloseTo(-normalQuantile(p), 12);
    expect(normalQuantile(0.075 + 1e-12) - normalQuantile(0.075 - 1e-12)).toBeCloseTo(0, 9);
  });
});
