/** The device and SDK of a user, as each of the user's events repeats them. */
export interface Device {
  readonly library: string;
  readonly platform: string;
  readonly osName: string;
  readonly osVersion: string;
  readonly brand: string | null;
  readonly manufacturer: string | null;
  readonly model: string;
  readonly family: string;
  /** Phones have a carrier, a position and an advertising id. */
  readonly mobile: boolean;
}

export const devices: readonly Device[] = [
  {
    library: 'amplitude-ts/2.11.1',
    platform: 'Web',
    osName: 'Chrome',
    osVersion: '141.0.0.0',
    brand: null,
    manufacturer: 'Apple',
    model: 'Mac OS',
    family: 'Mac OS X',
    mobile: false,
  },
  {
    library: 'amplitude-ts/2.11.1',
    platform: 'Web',
    osName: 'Firefox',
    osVersion: '143.0',
    brand: null,
    manufacturer: null,
    model: 'Windows',
    family: 'Windows',
    mobile: false,
  },
  {
    library: 'amplitude-swift/1.13.4',
    platform: 'iOS',
    osName: 'ios',
    osVersion: '18.6.2',
    brand: 'Apple',
    manufacturer: 'Apple',
    model: 'iPhone 16 Pro',
    family: 'Apple iPhone',
    mobile: true,
  },
  {
    library: 'amplitude-analytics-android/1.20.2',
    platform: 'Android',
    osName: 'android',
    osVersion: '15',
    brand: 'google',
    manufacturer: 'Google',
    model: 'Pixel 9',
    family: 'Google Phone',
    mobile: true,
  },
];

export const appVersions: readonly string[] = ['4.17.0', '4.18.2', '4.18.3', '5.0.0-beta.1'];
