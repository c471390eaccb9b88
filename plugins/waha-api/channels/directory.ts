import { named, type Route, route, type Sessions, Type } from 'waha-runtime';
import { SessionParams } from '../schemas/session.ts';
import { channelFailures } from './schemas.ts';

const views = { RECOMMENDED: 'Explore', TRENDING: 'Trending', POPULAR: 'Popular', NEW: 'New' };
const categories = {
  BUSINESS: 'Business',
  ENTERTAINMENT: 'Entertainment',
  LIFESTYLE: 'Lifestyle',
  NEWS: 'News',
  ORGANIZATIONS: 'Organizations',
  PEOPLE: 'People',
  SPORTS: 'Sports',
};
/** Of ISO 3166-1. */
const countries = (
  'AD AE AF AG AI AL AM AO AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BW BY BZ CA CC CD CF CG CH ' +
  'CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI ' +
  'GL GM GN GP GQ GR GT GU GW GY HK HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ ' +
  'LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI ' +
  'NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO ' +
  'SR SS ST SV SX SY SZ TC TD TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW'
).split(' ');
const names = new Intl.DisplayNames('en', { type: 'region' });

const ChannelView = named('ChannelView', Type.Object({ value: Type.String(), name: Type.String() }));
const ChannelCountry = named('ChannelCountry', Type.Object({ code: Type.String(), name: Type.String() }));
const ChannelCategory = named('ChannelCategory', Type.Object({ value: Type.String(), name: Type.String() }));

const valuesOf = (list: Readonly<Record<string, string>>) =>
  Object.entries(list).map(([value, name]) => ({ value, name }));

/** What the directory of channels can be asked for. */
export const directoryRoutes = (sessions: Sessions): Route[] => {
  const one = (name: string, summary: string, schema: Parameters<typeof Type.Array>[0], answer: unknown): Route =>
    route({
      method: 'GET',
      path: `/api/{session}/channels/search/${name}`,
      summary,
      params: SessionParams,
      responses: { 200: { description: 'The list', schema: Type.Array(schema) }, ...channelFailures },
      async handle({ params }) {
        await sessions.capability(params.session, 'newsletters');
        return answer;
      },
    });
  return [
    one('views', 'List the views of the directory', ChannelView, valuesOf(views)),
    one(
      'countries',
      'List countries',
      ChannelCountry,
      countries.map((code) => ({ code, name: names.of(code) ?? code })),
    ),
    one('categories', 'List the categories of the directory', ChannelCategory, valuesOf(categories)),
  ];
};
