import { ROLES } from '../vocabulary/role-phrases.js';
import { planRoles, type RolePlan } from './plan-roles.js';

const plans = planRoles(2000, 7);
const share = (of: readonly RolePlan[], is: (plan: RolePlan) => boolean): number =>
  of.filter(is).length / of.length;

test('15 % of declared roles are wrong, twice as many among the sourced ones', () => {
  const isWrong = (plan: RolePlan): boolean => plan.declared !== plan.role;
  expect(Math.abs(share(plans, isWrong) - 0.15)).toBeLessThan(0.025);
  expect(
    share(
      plans.filter((plan) => plan.role === 'sourced_by'),
      isWrong,
    ),
  ).toBeGreaterThan(0.23);
});

test('every role holds at least a tenth of the items', () => {
  for (const role of ROLES) expect(share(plans, (plan) => plan.role === role)).toBeGreaterThan(0.1);
});

test('the setting of a photo follows the role only where the photo shows it', () => {
  const settings = (shownIn: string): Set<string> =>
    new Set(
      plans
        .filter((plan) => plan.shownIn === shownIn && plan.role === 'made_by')
        .map((plan) => plan.photos[0]!.setting),
    );
  expect([...settings('image')]).toEqual(['workbench']);
  expect([...settings('text')]).not.toContain('workbench');
});

test('the same seed plans the same items, another seed does not', () => {
  expect(planRoles(30, 1)).toEqual(planRoles(30, 1));
  expect(planRoles(30, 1)).not.toEqual(planRoles(30, 2));
});
