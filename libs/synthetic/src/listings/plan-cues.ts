import type { Random } from '@assay/core';
import { obfuscateSentence, OBFUSCATIONS, type Obfuscation } from '../obfuscate.js';
import type { Prop } from '../photos/photo-plan.js';
import { fillSlots } from '../fill-slots.js';
import type { Language, Phrases } from '../vocabulary/languages.js';
import * as phrases from '../vocabulary/policy-phrases.js';
import { lateStyleShare, POLICIES, type Carrier, type Policy } from './policies.js';

/** What the generator puts into one listing on purpose. */
export interface Cues {
  violates: Record<Policy, boolean>;
  carrier: Partial<Record<Policy, Carrier>>;
  sentences: string[];
  props: Prop[];
  /** Far below the usual price of such an item. */
  lowPrice: boolean;
  hardNegatives: string[];
  obfuscation: Obfuscation | null;
  /** Policies broken in a style that appears late only. */
  lateStyle: Policy[];
}

export interface CueContext {
  random: Random;
  language: Language;
  /** Fraction of the period. */
  time: number;
  /** Photos of the listing; cues that need a photo are not drawn without one. */
  numPhotos: number;
}

const WEAPON_CARRIERS = ['image', 'image+text', 'text'] as const;
const WEAPON_CARRIER_WEIGHTS = [78, 14, 8] as const;
const OBFUSCATED_CLAIM_SHARE = 0.3;
const OBFUSCATED_HARMLESS_SHARE = 0.04;
const LOW_PRICE_SHARE = 0.25;

const say = (context: CueContext, table: Phrases): string => {
  const { random, language } = context;
  return fillSlots(random.pick(table[language]), { condition: random.pick(phrases.CONDITIONS[language]) });
};

function addWeapon(cues: Cues, context: CueContext, late: boolean): void {
  const { random, numPhotos } = context;
  const carrier = numPhotos > 0 ? random.weighted(WEAPON_CARRIERS, WEAPON_CARRIER_WEIGHTS) : 'text';
  cues.carrier.weapons = carrier;
  if (carrier !== 'text') cues.props.push(late ? 'sabre' : 'dagger');
  if (carrier !== 'image')
    cues.sentences.push(say(context, late ? phrases.LATE_WEAPON_OFFERS : phrases.WEAPON_OFFERS));
}

function addCounterfeit(cues: Cues, context: CueContext, late: boolean): void {
  cues.carrier.counterfeit = 'image+text';
  cues.props.push(late ? 'brand-outline' : 'brand');
  cues.lowPrice = context.random.bernoulli(LOW_PRICE_SHARE);
  if (!cues.lowPrice) cues.sentences.push(say(context, late ? phrases.LATE_OWN_WORK : phrases.OWN_WORK));
}

function addClaim(cues: Cues, context: CueContext, late: boolean): void {
  const { random } = context;
  cues.carrier.unsafe_claim = 'text';
  const claim = say(context, late ? phrases.LATE_CLAIMS : phrases.CLAIMS);
  if (random.bernoulli(OBFUSCATED_CLAIM_SHARE)) cues.obfuscation = random.pick(OBFUSCATIONS);
  cues.sentences.push(cues.obfuscation === null ? claim : obfuscateSentence(claim, cues.obfuscation, random));
}

/** Cues that look like a violation and are none; each leaves out what its policy needs. */
function addHardNegatives(cues: Cues, context: CueContext): void {
  const { random, numPhotos, time } = context;
  const maybe = (name: string, share: number, add: () => void): void => {
    if (!random.bernoulli(share)) return;
    cues.hardNegatives.push(name);
    add();
  };
  if (!cues.violates.weapons) {
    maybe('weapon words', 0.1, () => cues.sentences.push(say(context, phrases.WEAPON_DECOYS)));
    if (numPhotos > cues.props.length)
      maybe('long object', 0.18, () => cues.props.push(random.pick(['feather', 'spatula', 'candlestick'])));
  }
  if (!cues.violates.unsafe_claim)
    maybe('claim words', 0.16, () => cues.sentences.push(say(context, phrases.CLAIM_DECOYS)));
  if (cues.violates.counterfeit) return;
  if (numPhotos > cues.props.length) {
    maybe('licensed mark', 0.14, () => {
      cues.props.push(random.bernoulli(lateStyleShare(time)) ? 'brand-outline' : 'brand');
      cues.sentences.push(say(context, phrases.LICENSED));
    });
  }
  if (cues.hardNegatives.includes('licensed mark')) return;
  maybe('own work', 0.3, () => {
    const table = random.bernoulli(lateStyleShare(time)) ? phrases.LATE_OWN_WORK : phrases.OWN_WORK;
    cues.sentences.push(say(context, table));
  });
  maybe('low price', 0.07, () => (cues.lowPrice = true));
  maybe('licence words', 0.06, () => cues.sentences.push(say(context, phrases.LICENSED)));
  if (numPhotos > cues.props.length)
    maybe('other badge', 0.16, () =>
      cues.props.push(random.pick(['heart-badge', 'leaf-badge', 'star-badge'])),
    );
}

/** Draws what a listing violates, how that shows, and what only looks like it. */
export function planCues(violates: Record<Policy, boolean>, context: CueContext): Cues {
  const { random, time, language } = context;
  const cues: Cues = {
    violates,
    carrier: {},
    sentences: [],
    props: [],
    lowPrice: false,
    hardNegatives: [],
    obfuscation: null,
    lateStyle: [],
  };
  cues.lateStyle = POLICIES.filter((policy) => violates[policy] && random.bernoulli(lateStyleShare(time)));
  const isLate = (policy: Policy): boolean => cues.lateStyle.includes(policy);
  if (violates.weapons) addWeapon(cues, context, isLate('weapons'));
  if (violates.counterfeit) addCounterfeit(cues, context, isLate('counterfeit'));
  if (violates.unsafe_claim) addClaim(cues, context, isLate('unsafe_claim'));
  addHardNegatives(cues, context);
  if (cues.obfuscation === null && random.bernoulli(OBFUSCATED_HARMLESS_SHARE)) {
    cues.obfuscation = random.pick(OBFUSCATIONS);
    cues.hardNegatives.push('harmless obfuscation');
    cues.sentences.push(obfuscateSentence(random.pick(HARMLESS[language]), cues.obfuscation, random));
  }
  return cues;
}

const HARMLESS: Phrases = {
  en: ['Special price this week', 'Please follow our little shop'],
  de: ['Sonderpreis diese Woche', 'Bitte folgt unserem kleinen Laden'],
  fr: ['Offre spéciale cette semaine', 'Suivez notre petite boutique'],
  es: ['Precio especial esta semana', 'Sigue nuestra pequeña tienda'],
};
